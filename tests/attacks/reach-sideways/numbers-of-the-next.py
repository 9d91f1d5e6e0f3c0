# tries: leaves zeros and another cell where the next submission finds numbers and cells that were made ready
# must: its own copy of them only
# %% layer
import sys
for numbers in sys.modules["autograder.wire.tensors"]._expected.values():
    numbers.zero_()
shell = get_ipython()
for expected in vars(shell).get("_expected", {}).values():
    expected.pieces[:] = [compile("leftbehind = 1", "leftbehind", "exec")]
layer = nn.Identity()
