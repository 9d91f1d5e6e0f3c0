# tries: a mode that sees every operation, the grader's too, and changes what they give
# must: failed
# ends: layer=failed,crashed
# %% layer
from torch.overrides import TorchFunctionMode
class Zeros(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        return torch.Tensor.mul_(out, 0) if type(out) is torch.Tensor and out.is_floating_point() and not out.requires_grad else out
mode = Zeros()
mode.__enter__()
layer = nn.Linear(4, 3, bias=False)
