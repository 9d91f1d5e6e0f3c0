# tries: 40 KB of stars, which IPython's highlighter takes 20 s for
# must: its own time, and its own memory: Python 3.12.1 keeps the whole line with each of its tokens
# ends: layer=cell_error,not_answered,timeout,out_of_memory
# repeat: 40000
# %% layer
layer = @*@
