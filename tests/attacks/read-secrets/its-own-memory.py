# tries: searches its own memory, which began as the fork server's, for other people's secrets
# must: there are none in it
# %% layer
import ctypes, os, re
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
reader, writer = os.pipe()
top, words = libc.sbrk(0), set()
for begin, end in ((top - (128 << 20), top), (id(object()) - (32 << 20), id(object()) + (64 << 20))):
    for address in range(begin - begin % 65536, end, 65536):
        if (size := libc.write(writer, ctypes.c_void_p(address), 65536)) > 0:
            words |= set(re.findall(rb"CANARY[a-z]{24}|test_hidden[\w./]*", os.read(reader, size)))
print(sorted(words - {mine}))
layer = nn.Identity()
