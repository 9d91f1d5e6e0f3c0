# tries: signals to process 1, to its parent, to its group and to everybody
# must: refused
# %% layer
import os, signal
for pid in (1, os.getppid(), 0, -1, *range(2, 40)):
    if pid != os.getpid():
        for number in (0, signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(pid, number)
                print("signalled", pid)
            except OSError:
                pass
layer = nn.Identity()
