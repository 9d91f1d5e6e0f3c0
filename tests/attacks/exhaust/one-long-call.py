# tries: one call into C that no signal interrupts
# must: killed after the grace
# earns: shapes
# ends: layer=timeout,out_of_memory
# %% layer
one = torch.ones(3000, 3000)
for _ in range(100_000):
    one = one @ one
layer = None
# %% shapes right
