# tries: environment, arguments, memory and files of every process in /proc
# must: nothing there to read
# %% layer
import glob, os
for name in ("environ", "cmdline", "maps", "status", "mountinfo", "root/etc/passwd", "cwd", "fd/3", "mem"):
    for process in [*glob.glob("/proc/[0-9]*"), "/proc/self", "/proc/1", "/proc/2", "/proc/thread-self"]:
        try:
            print(name, open(f"{process}/{name}", "rb").read(20_000))
        except OSError:
            pass
layer = nn.Identity()
