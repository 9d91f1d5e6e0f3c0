# tries: tells by the mode that records its operations
# must: failed
# ends: layer=failed
# %% layer
from torch.overrides import _get_current_function_mode_stack
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) if _get_current_function_mode_stack() == [] else x[:, :3]
layer = Layer(4, 3)
