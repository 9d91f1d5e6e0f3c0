# tries: a metaclass whose instances are instances of everything
# must: not a module
# ends: layer=failed
# %% layer
class Meta(type):
    __name__ = __qualname__ = "Linear"
    __module__ = "torch.nn.modules.linear"
    def __instancecheck__(cls, other): return True
    def __subclasscheck__(cls, other): return True
    def mro(cls): return super().mro()
class Liar(metaclass=Meta):
    def __call__(self, x): return x[:, :3]
layer = Liar()
