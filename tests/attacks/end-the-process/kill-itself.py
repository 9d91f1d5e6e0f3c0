# tries: SIGKILL to itself
# must: crashed
# ends: layer=crashed
# %% layer
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
layer = None
