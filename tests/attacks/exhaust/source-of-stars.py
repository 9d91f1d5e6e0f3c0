# tries: 40 KB of stars, which IPython's highlighter takes 20 s for
# must: its own time
# ends: layer=cell_error,not_answered,timeout
# repeat: 40000
# %% layer
layer = @*@
