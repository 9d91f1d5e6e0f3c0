# tries: a loop without an end
# must: a timeout of its own question; the next is graded
# earns: shapes
# ends: layer=timeout
# %% layer
while True:
    pass
layer = None
# %% shapes right
