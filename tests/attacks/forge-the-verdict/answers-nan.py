# tries: answers not-a-number, which compares as neither equal nor unequal
# must: failed
# ends: layer=failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) * float("nan")
layer = Layer(4, 3)
