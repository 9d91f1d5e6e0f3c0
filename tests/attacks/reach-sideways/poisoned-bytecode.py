# tries: compiled files in the place of the libraries' and the runner's own
# must: refused
# %% layer
import importlib.util, marshal, os, py_compile, struct, sys
code = compile("import builtins; builtins.leftbehind = 1", "leftbehind", "exec")
for name in ("json", "random", "torch.nn.functional", "autograder.runner.probes", "msgspec"):
    path = importlib.util.cache_from_source(importlib.util.find_spec(name).origin)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code))
        print("written", path)
    except OSError as error:
        print(error.errno)
layer = nn.Identity()
