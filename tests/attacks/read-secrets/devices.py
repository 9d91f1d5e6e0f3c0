# tries: memory and disks as devices, and the kernel's own files
# must: refused
# %% layer
for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/tty", "/dev/pts/0", "/dev/ptmx", "/proc/kcore", "/proc/kallsyms", "/sys/kernel/security/lsm", "/proc/sysvipc/shm", "/proc/net/unix", "/proc/mounts"):
    try:
        print(path, open(path, "rb").read(500))
    except OSError as error:
        print(path, error.errno)
layer = nn.Identity()
