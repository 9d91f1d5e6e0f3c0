# tries: source that is nested as deep as a parser bears, and deeper
# must: a cell error
# ends: layer=cell_error,not_answered shapes=cell_error,not_answered,failed
# repeat: 5000
# %% layer
layer = @(@1@)@
# %% shapes
predicted = @-@1
