# tries: the very answers of a good neighbour, but one, in the hope that they are taken for the same file
# must: judged on its own
# earns: layer values shapes
# ends: model=failed
# %% layer right
# %% values right
# %% model
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 3), nn.LogSoftmax(dim=1))
# %% shapes right
