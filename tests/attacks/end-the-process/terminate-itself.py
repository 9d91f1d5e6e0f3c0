# tries: SIGTERM and SIGABRT to itself
# must: crashed
# ends: layer=crashed
# %% layer
import signal
signal.raise_signal(signal.SIGTERM)
signal.raise_signal(signal.SIGABRT)
layer = None
