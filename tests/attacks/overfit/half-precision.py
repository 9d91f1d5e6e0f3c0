# tries: a model in half precision, where everything is close to everything
# must: failed
# ends: layer=failed
# %% layer
layer = nn.Linear(4, 3, bias=False).half()
