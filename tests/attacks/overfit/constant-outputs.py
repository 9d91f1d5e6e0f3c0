# tries: a constant that is right on average, with the last layer zeroed
# must: failed: weights are pushed
# ends: model=failed
# %% model
model = nn.Sequential(nn.Linear(8, 32), nn.Dropout(0.9), nn.Linear(32, 3), nn.Softmax(dim=1))
for parameter in model[2].parameters():
    parameter.data.zero_()
