# tries: locks files that others read too
# must: nobody waits for such a lock
# %% layer
import fcntl, os
held = []
for path in (torch.__file__, os.__file__, "/dev/null"):
    held.append(open(path))
    fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        fcntl.lockf(held[-1], fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        print(error)
layer = nn.Identity()
