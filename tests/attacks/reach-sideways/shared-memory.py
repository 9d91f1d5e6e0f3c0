# tries: shared memory, semaphores and queues that outlive it
# must: refused
# %% layer
import ctypes
from multiprocessing import shared_memory
libc = ctypes.CDLL(None)
print([libc.syscall(number, 0x1EF7, 4096, 0o1777) for number in (29, 64, 68)], libc.syscall(240, b"leftbehind", 0o102, 0o777, 0))
for call in (lambda: shared_memory.SharedMemory("leftbehind", create=True, size=64), lambda: open("/dev/shm/leftbehind", "w"), lambda: open("/dev/mqueue/leftbehind", "w"), lambda: torch.zeros(9).share_memory_()):
    try:
        call()
        print("made")
    except (OSError, RuntimeError) as error:
        print(error)
layer = nn.Identity()
