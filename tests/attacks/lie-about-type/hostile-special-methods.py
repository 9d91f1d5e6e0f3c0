# tries: raises in every method that somebody might call to look at it
# must: a finding, not a fault of the grader
# ends: layer=failed,crashed values=failed,crashed
# %% layer
class Meta(type):
    def __getattribute__(cls, name): raise SystemExit(name)
    __repr__ = __str__ = lambda cls: 1 / 0
class Thorn(metaclass=Meta):
    def __getattribute__(self, name): raise KeyboardInterrupt(name)
    def __repr__(self): raise MemoryError
    __str__ = __len__ = __iter__ = __bool__ = __hash__ = __repr__
layer = Thorn()
# %% values
softmax_output = Thorn()
