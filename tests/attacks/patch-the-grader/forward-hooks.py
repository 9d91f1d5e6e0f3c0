# tries: hooks on all modules that replace what they return
# must: judged on what comes out
# ends: layer=failed
# %% layer
from torch.nn.modules import module as modules
modules.register_module_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
layer = nn.Linear(4, 3)
