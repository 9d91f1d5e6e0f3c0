# tries: memory that limits on data do not see: shared mappings, and their page tables
# must: refused
# %% layer
import mmap
held, total = [], 0
try:
    while total < 64 << 30:
        held.append(mmap.mmap(-1, 64 << 20, flags=mmap.MAP_SHARED))
        total += 64 << 20
except (OSError, ValueError, MemoryError) as error:
    print(total >> 20, error)
assert total < 4 << 30
layer = nn.Identity()
