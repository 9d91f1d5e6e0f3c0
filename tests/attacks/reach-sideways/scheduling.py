# tries: takes every CPU and the highest priority
# must: refused
# %% layer
import os
for call in (lambda: os.sched_setaffinity(0, range(os.cpu_count())), lambda: os.nice(-20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)), lambda: os.setpriority(os.PRIO_PROCESS, 1, 19), lambda: os.sched_setaffinity(1, {0})):
    try:
        print("done", call())
    except OSError as error:
        print(error)
layer = nn.Identity()
