# tries: opens files until none can be opened
# must: refused at the limit
# %% layer
import os
held = []
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    print(len(held), error.errno)
layer = nn.Identity()
