# tries: recursion without an end
# must: an ordinary error
# ends: layer=cell_error
# %% layer
def down():
    return down()
down()
layer = None
