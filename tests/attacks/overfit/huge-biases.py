# tries: no activation, behind biases so large that none would show
# must: failed
# ends: model=failed
# %% model
model = nn.Sequential(nn.Linear(8, 32), nn.Dropout(0.9), nn.Linear(32, 3), nn.Softmax(dim=1))
model[0].bias.data.fill_(1e6)
