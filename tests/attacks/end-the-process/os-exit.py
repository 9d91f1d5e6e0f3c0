# tries: ends the process with status 0, without Python's teardown
# must: crashed from there on; what was earned before stays
# earns: layer
# ends: model=crashed shapes=crashed
# %% layer right
# %% model
import os
os._exit(0)
model = None
# %% shapes right
