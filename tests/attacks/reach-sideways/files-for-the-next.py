# tries: files wherever one may be written, for the next submission to find
# must: nowhere but in its folder, which vanishes
# %% layer
import os, site, sys, tempfile
for folder in (".", "/", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/scratch", "/grader", "/grader/autograder/runner", os.path.expanduser("~"), tempfile.gettempdir(), site.getsitepackages()[0], sys.prefix, "/usr/lib", "/etc", "/run", "/submission"):
    for name in ("leftbehind", "leftbehind.py", "sitecustomize.py"):
        try:
            open(os.path.join(folder, name), "w").write("leftbehind = 1")
            print("written", folder)
        except OSError:
            pass
layer = nn.Identity()
