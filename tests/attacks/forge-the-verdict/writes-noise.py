# tries: noise into its channel
# must: crashed
# ends: layer=crashed
# %% layer
import os
for descriptor in range(3, 32):
    try:
        os.write(descriptor, os.urandom(4096))
    except OSError:
        pass
layer = nn.Identity()
