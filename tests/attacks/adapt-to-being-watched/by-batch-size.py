# tries: right for a batch of one, as in the notebook
# must: failed
# ends: layer=failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) if len(x) == 1 else super().forward(x).flip(0)
layer = Layer(4, 3)
