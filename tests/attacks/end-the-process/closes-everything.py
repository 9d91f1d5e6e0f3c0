# tries: closes every descriptor, its channel among them
# must: crashed
# ends: layer=crashed
# %% layer
import os
os.closerange(0, 1024)
layer = None
