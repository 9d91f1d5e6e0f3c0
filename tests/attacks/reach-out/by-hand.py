# tries: the system calls themselves, past every Python function that was replaced
# must: they do not exist
# %% layer
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
results = {number: (libc.syscall(number, 2, 1, 0), ctypes.get_errno()) for number in (41, 425, 426, 42, 49, 50, 43, 44)}
print(results)
assert results[41] == (-1, 38)
layer = nn.Identity()
