# tries: a dictionary of parameters that gives others each time it is read
# must: failed or crashed
# ends: layer=failed,crashed
# %% layer
class Shifting(dict):
    def items(self):
        return [("weight", nn.Parameter(torch.randn(3, 4))), ("bias", nn.Parameter(torch.randn(3)))]
    def values(self): return [value for _, value in self.items()]
class Layer(nn.Linear):
    def forward(self, x): return x[:, :3]
layer = Layer(4, 3)
layer.__dict__["_parameters"] = Shifting()
