# tries: a core dump of itself into its folder, and of the grader's memory with it
# must: no core is written
# ends: layer=crashed,cell_error
# %% layer
import os, resource
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
except (OSError, ValueError) as error:
    print(error)
os.abort()
layer = None
