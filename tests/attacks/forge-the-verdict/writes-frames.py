# tries: finds the descriptor of its channel and answers before it is asked
# must: crashed: a runner speaks only when asked
# ends: layer=crashed
# %% layer
import os, struct
body = b"\x81\xa4type\xa5begun"
frame = struct.pack("<II", len(body), 0) + body
for descriptor in range(3, 32):
    try:
        os.write(descriptor, frame * 3)
    except OSError:
        pass
layer = nn.Identity()
