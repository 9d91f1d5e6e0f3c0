# tries: a frame that announces 8 GiB
# must: crashed, before a byte of it is waited for
# ends: layer=crashed
# %% layer
import os
for descriptor in range(3, 32):
    try:
        os.write(descriptor, b"\xff" * 8)
    except OSError:
        pass
layer = nn.Identity()
