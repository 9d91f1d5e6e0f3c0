# tries: right for a moment after the cell
# must: failed
# ends: layer=failed
# %% layer
import time
class Layer(nn.Linear):
    made = time.monotonic()
    def forward(self, x):
        return super().forward(x) if time.monotonic() - Layer.made < 0.000001 else x[:, :3]
layer = Layer(4, 3)
