# tries: an error whose message and type's name are 100 MB long
# must: cut
# ends: layer=cell_error,out_of_memory
# %% layer
raise type("E" * 50_000_000, (Exception,), {})("m" * 50_000_000)
layer = None
