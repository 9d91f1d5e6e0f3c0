# tries: changes modules that the next submission will use
# must: its own copy of them only
# %% layer
import builtins, sys, types
builtins.leftbehind = torch.leftbehind = nn.leftbehind = 1
sys.modules["leftbehind"] = types.ModuleType("leftbehind")
nn.Linear.forward = lambda self, x: x
torch.softmax = torch.relu = torch.nn.functional.relu = lambda x, *_, **__: x
torch.set_default_dtype(torch.float64)
torch.set_num_threads(7)
layer = nn.Identity()
