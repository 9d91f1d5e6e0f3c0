# tries: threads that would go on when the submission is over
# must: gone
# %% layer
import threading, time
def later():
    time.sleep(2)
    open("/tmp/leftbehind-thread", "w")
for _ in range(5):
    threading.Thread(target=later, daemon=False).start()
layer = nn.Identity()
