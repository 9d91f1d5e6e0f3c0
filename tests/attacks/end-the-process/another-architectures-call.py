# tries: a system call of another architecture, which a careless filter lets through
# must: the kernel ends the process: crashed
# ends: layer=crashed
# %% layer
import ctypes, mmap
code = b"\xb8\x02\x00\x00\x00\xcd\x80\xc3"  # mov eax, 2; int 0x80 (32-bit fork); ret
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
import os
os._exit(0)  # where the call was refused, not ended
layer = None
