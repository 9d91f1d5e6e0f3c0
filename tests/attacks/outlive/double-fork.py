# tries: forks twice into a session of its own
# must: refused
# %% layer
import os, time
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    print("forked")
except OSError as error:
    print(error.errno)
layer = nn.Identity()
