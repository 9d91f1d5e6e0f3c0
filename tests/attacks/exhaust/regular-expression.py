# tries: a regular expression that takes until the end of the world
# must: a timeout
# ends: layer=timeout
# %% layer
import re
re.match(r"(a+)+$", "a" * 60 + "b")
layer = None
