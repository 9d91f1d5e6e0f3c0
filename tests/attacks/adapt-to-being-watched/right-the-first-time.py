# tries: right at its first call, when somebody looks, then not
# must: failed
# ends: layer=failed
# %% layer
class Layer(nn.Linear):
    calls = 0
    def forward(self, x):
        Layer.calls += 1
        return super().forward(x) if Layer.calls == 1 else x[:, :3]
layer = Layer(4, 3)
