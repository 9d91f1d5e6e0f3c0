# tries: symbolic and hard links out of its folder
# must: they lead nowhere that could not be read anyway
# %% layer
import os
for number, target in enumerate(("/", "/etc/passwd", "/proc/1/environ", "/proc/1/root", "/root", "../..", "/proc/self/fd/3", "/scratch")):
    for how in (os.symlink, os.link):
        try:
            how(target, f"link{number}")
            print(target, os.listdir(f"link{number}") if os.path.isdir(f"link{number}") else open(f"link{number}", "rb").read(2000))
        except OSError as error:
            print(target, error.errno)
layer = nn.Identity()
