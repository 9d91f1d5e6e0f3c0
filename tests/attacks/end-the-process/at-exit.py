# tries: a function that would print a grade and leave a file when the interpreter ends
# must: it is never called: a runner ends without Python's teardown
# %% layer
import atexit
atexit.register(lambda: print("SCORE 20/20"))
atexit.register(lambda: open("/tmp/leftbehind-at-exit", "w"))
layer = nn.Identity()
