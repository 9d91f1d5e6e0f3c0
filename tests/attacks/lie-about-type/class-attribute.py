# tries: __class__ says that it is a Linear
# must: not a module: the true type counts
# ends: layer=failed
# %% layer
class Liar:
    __class__ = nn.Linear
    weight, bias = torch.zeros(3, 4), torch.zeros(3)
    def __call__(self, x): return x[:, :3]
layer = Liar()
