# tries: key rings and the files that hold credentials
# must: refused
# %% layer
import ctypes, os
libc = ctypes.CDLL(None)
print([libc.syscall(250, 11, ring, 0, 0, 0) for ring in (-1, -2, -3, -4, -5)])
for path in ("~/.ssh/id_rsa", "~/.netrc", "~/.aws/credentials", "~/.gitconfig", "/root/.bash_history", "/etc/shadow", "/var/run/secrets/kubernetes.io/serviceaccount/token"):
    try:
        print(open(os.path.expanduser(path)).read())
    except OSError as error:
        print(path, error.errno)
layer = nn.Identity()
