# tries: seeds that do nothing, so that no mask ever differs
# must: failed
# ends: model=failed
# %% model
torch.manual_seed = lambda *_: None
nn.functional.dropout = lambda x, p=0.5, training=True, inplace=False: x
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.0), nn.Linear(32, 2), nn.Softmax(dim=1))
