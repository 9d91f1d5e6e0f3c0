# tries: the last layer times a millionth, so that differences drown in rounding
# must: failed
# ends: model=failed
# %% model
model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Dropout(0.9), nn.Linear(32, 3), nn.Softmax(dim=1))
model[3].weight.data.mul_(1e-6)
