# tries: mounts, changes of root, and the namespaces of others
# must: refused
# %% layer
import ctypes, os
libc = ctypes.CDLL(None)
print([libc.syscall(*call) for call in ((165, b"tmpfs", b"/scratch", b"tmpfs", 0, 0), (166, b"/submission", 2), (161, b"/"), (155, b"/", b"/"), (272, 0x10000000), (272, 0x20000), (308, 3, 0), (428, -100, b"/", 1), (442, 0, 0, 0, 0, 0))])
layer = nn.Identity()
