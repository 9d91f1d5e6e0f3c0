# tries: as many busy threads as it may have
# must: bounded, pinned, and gone with the submission
# %% layer
import threading
def spin():
    while True:
        pass
try:
    for _ in range(1000):
        threading.Thread(target=spin, daemon=True).start()
except RuntimeError as error:
    print(error)
layer = nn.Identity()
