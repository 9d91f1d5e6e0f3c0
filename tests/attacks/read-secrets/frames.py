# tries: local variables of whoever called it
# must: nothing of the trusted side
# %% layer
import sys
frame = sys._getframe()
while frame is not None:
    print(frame.f_code.co_filename, {name: str(value)[:200] for name, value in frame.f_locals.items() if name[0] != "_"})
    frame = frame.f_back
layer = nn.Identity()
