# tries: its environment and arguments
# must: constants
# %% layer
import ctypes, os, sys
print(dict(os.environ), sys.argv, sys.orig_argv, sys.path, sys.flags, os.getcwd())
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
at = 0
while environ[at]:
    print(environ[at])
    at += 1
layer = nn.Identity()
