# tries: forks without end
# must: refused
# %% layer
import os
for _ in range(100):
    try:
        os.fork()
        print("forked")
    except OSError as error:
        print(error.errno)
        break
layer = nn.Identity()
