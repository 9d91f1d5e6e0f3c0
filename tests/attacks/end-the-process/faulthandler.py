# tries: faulthandler's own crash
# must: crashed
# ends: layer=crashed
# %% layer
import faulthandler
faulthandler._sigsegv()
layer = None
