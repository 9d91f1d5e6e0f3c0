# tries: lowers the fork server's limits until it cannot fork
# must: refused
# %% layer
import os, resource
for pid in (1, os.getppid()):
    for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_CPU):
        try:
            resource.prlimit(pid, limit, (0, 0))
            print("lowered")
        except (OSError, ValueError) as error:
            print(error)
layer = nn.Identity()
