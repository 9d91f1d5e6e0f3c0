# tries: errors whose messages carry what it found, which feedback shows
# must: nothing was found
# ends: layer=cell_error
# %% layer
import os, sys
raise RuntimeError(str({**os.environ, "argv": sys.orig_argv, "path": sys.path}))
layer = None
