# tries: computes in train mode only
# must: failed
# ends: layer=failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) if self.training else x[:, :3]
layer = Layer(4, 3)
