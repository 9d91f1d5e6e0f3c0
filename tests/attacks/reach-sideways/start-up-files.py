# tries: what Python, IPython and the loader read when they start
# must: the next submission starts from the fork server, which has started long ago
# %% layer
import os, site
os.environ.update(LEFTBEHIND="1", LD_PRELOAD="/submission/leftbehind.so", PYTHONSTARTUP="/submission/x.py", PYTHONPATH="/submission")
for path in ("~/.ipython/profile_default/startup/leftbehind.py", "~/.config/matplotlib/matplotlibrc", f"{site.getusersitepackages()}/usercustomize.py", "/scratch/ipython/profile_default/startup/leftbehind.py"):
    path = os.path.expanduser(path)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write("import builtins; builtins.leftbehind = 1")
    except OSError as error:
        print(error.errno)
layer = nn.Identity()
