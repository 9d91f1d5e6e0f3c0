# tries: finds the fork server's control socket among its descriptors and forges its answers
# must: it has no such socket
# ends: layer=failed,crashed
# %% layer
import os, socket, struct
for descriptor in range(4, 64):
    try:
        os.write(descriptor, struct.pack("<4sI", b"FORK", 4242))
        os.write(descriptor, struct.pack("<4sIIdQ", b"EXIT", os.getpid(), 0, 0.0, 0))
        print("wrote", descriptor)
    except OSError:
        pass
layer = nn.Identity()
