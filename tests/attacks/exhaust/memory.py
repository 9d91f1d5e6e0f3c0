# tries: a list that grows until there is no memory
# must: out of memory or crashed, and nobody else's
# ends: layer=out_of_memory,crashed
# %% layer
held = []
while True:
    held.append(bytearray(1 << 20))
layer = None
