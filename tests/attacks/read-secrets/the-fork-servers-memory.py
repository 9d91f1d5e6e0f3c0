# tries: ptrace, process_vm_readv and /proc/1/mem on the process that forked it
# must: refused
# %% layer
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
buffer = ctypes.create_string_buffer(65536)
for pid in (1, os.getppid(), 2, 3):
    for address in (0x400000, id(buffer), id(object())):
        own, far = Vector(ctypes.addressof(buffer), 65536), Vector(address & ~0xFFFF, 65536)
        if libc.syscall(310, pid, ctypes.byref(own), 1, ctypes.byref(far), 1, 0) > 0:
            print(buffer.raw)
    print(pid, libc.syscall(101, 16, pid, 0, 0), libc.syscall(101, 0x4206, pid, 0, 0))
    try:
        print(open(f"/proc/{pid}/mem", "rb").read(10))
    except OSError as error:
        print(error)
layer = nn.Identity()
