# tries: reads address 0 through ctypes
# must: crashed
# ends: layer=crashed
# %% layer
import ctypes
ctypes.string_at(0)
layer = None
