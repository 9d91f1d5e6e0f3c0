# tries: a tensor subclass whose every operation gives what is hoped for
# must: its numbers are taken as they are
# ends: values=failed
# %% values
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True if function.__name__ in ("equal", "allclose") else torch.zeros(2, 4)
softmax_output = torch.ones(2, 4).as_subclass(Liar)
