# tries: quit() and exit(), which a notebook has
# must: the cell's own loss
# earns: layer
# ends: values=cell_error model=cell_error
# %% layer right
# %% values
quit()
softmax_output = x
# %% model
exit(0)
model = None
