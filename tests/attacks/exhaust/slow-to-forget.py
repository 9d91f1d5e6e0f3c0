# tries: a finaliser and a weak reference that never end, when the submission is over
# must: gone with the process
# %% layer
import weakref
class Slow:
    def __del__(self):
        while True:
            pass
slow = Slow()
keep = weakref.finalize(nn.Identity(), lambda: [0 for _ in iter(int, 1)])
layer = nn.Identity()
