# tries: SIGSTOP, so that neither an answer nor an end comes
# must: a timeout of its own cell, inside its limit
# ends: layer=timeout
# earns: shapes
# %% layer
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
layer = None
# %% shapes right
