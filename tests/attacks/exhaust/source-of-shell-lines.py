# tries: a screenful of shell lines, which IPython takes seconds to transform
# must: its own time
# ends: layer=timeout,not_answered,failed,crashed
# repeat: 1500
# %% layer
@!x
@layer = nn.Identity()
