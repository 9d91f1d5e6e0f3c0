# tries: replaces isinstance, len, all, any and sum for everybody
# must: its own process's trouble
# ends: layer=crashed,failed,not_answered,cell_error
# %% layer
import builtins
builtins.all = builtins.any = lambda *_: True
builtins.isinstance = lambda *_: True
builtins.len = lambda *_: 3
layer = nn.Identity()
