# tries: recursion without Python's limit, in C and in Python
# must: crashed or a cell error, and nobody else's trouble
# ends: layer=crashed,cell_error,out_of_memory,timeout
# %% layer
import sys
sys.setrecursionlimit(1 << 30)
nested = []
for _ in range(1_000_000):
    nested = [nested]
repr(nested)
def down(): return down()
down()
layer = None
