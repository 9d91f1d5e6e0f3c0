# tries: sleeps for an hour
# must: a timeout of its own question
# earns: shapes
# ends: layer=timeout
# %% layer
import time
time.sleep(3600)
layer = None
# %% shapes right
