# tries: ignores every signal and waits in a hundred places
# must: gone
# %% layer
import signal, threading
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(8):
    threading.Thread(target=threading.Event().wait).start()
layer = nn.Identity()
