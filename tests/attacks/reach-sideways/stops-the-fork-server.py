# tries: SIGSTOP by every call that sends a signal
# must: refused
# %% layer
import ctypes, os
libc = ctypes.CDLL(None)
for pid in (1, os.getppid()):
    print(libc.syscall(62, pid, 19), libc.syscall(200, pid, 19), libc.syscall(234, pid, pid, 19), libc.syscall(129, pid, 19, 0), libc.syscall(424, 3, 19, 0, 0))
    print(libc.syscall(62, (1 << 32) + os.getpid(), 19))
layer = nn.Identity()
