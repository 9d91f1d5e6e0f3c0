# tries: ends the process when an object is forgotten
# must: crashed from there on
# earns: layer
# ends: shapes=crashed
# %% layer right
# %% model
import gc, os
class Last:
    def __del__(self): os._exit(0)
last = Last()
model = nn.Identity()
# %% shapes
last = None
gc.collect()
predicted = (2, 8, 28, 28)
