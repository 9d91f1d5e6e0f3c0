# tries: a tensor whose shape and dtype are properties that lie
# must: the true ones count
# ends: values=failed
# %% values
class Liar(torch.Tensor):
    shape = property(lambda self: torch.Size((2, 4)))
    dtype = property(lambda self: torch.float32)
    def size(self, *_): return torch.Size((2, 4))
softmax_output = torch.zeros(3, 5).as_subclass(Liar)
