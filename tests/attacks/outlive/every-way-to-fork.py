# tries: vfork, clone, clone3, posix_spawn and exec by their system calls
# must: refused
# %% layer
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
results = {}
for number, arguments in ((57, ()), (58, ()), (56, (17, 0, 0, 0, 0)), (435, (0, 88)), (59, (b"/bin/sleep", 0, 0)), (322, (3, b"", 0, 0, 0x1000))):
    results[number] = libc.syscall(number, *arguments)
    if results[number] == 0:
        os._exit(0)
print(results)
assert set(results.values()) == {-1}
try:
    os.posix_spawn("/bin/sleep", ["sleep", "600"], {})
except OSError as error:
    print(error.errno)
layer = nn.Identity()
