# tries: reads whatever descriptor it was left
# must: its channel and /dev/null, nothing else
# %% layer
import os
for descriptor in range(256):
    try:
        facts = os.fstat(descriptor)
        print(descriptor, oct(facts.st_mode))
        if descriptor != 3:
            os.lseek(descriptor, 0, 0)
            print(os.read(descriptor, 4096))
    except OSError:
        pass
layer = nn.Identity()
