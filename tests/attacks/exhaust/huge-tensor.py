# tries: a tensor of 100 GB
# must: out of memory
# earns: shapes
# ends: layer=out_of_memory
# %% layer
layer = torch.zeros(25_000_000_000)
# %% shapes right
