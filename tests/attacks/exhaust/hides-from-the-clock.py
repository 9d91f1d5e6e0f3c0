# tries: sets the clock and the timers that others might measure by
# must: the other end keeps the time
# ends: layer=timeout
# %% layer
import time
try:
    time.clock_settime(time.CLOCK_REALTIME, 0)
except OSError as error:
    print(error.errno)
time.time = time.monotonic = time.perf_counter = lambda: 0.0
while True:
    pass
layer = None
