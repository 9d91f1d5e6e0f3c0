# tries: ignores, blocks and catches the signal that asks it to end
# must: killed after the grace; the submission goes on without that cell
# earns: shapes
# ends: layer=timeout
# %% layer
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
layer = None
# %% shapes right
