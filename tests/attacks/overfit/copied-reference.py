# tries: copies an answer from whatever model of these shapes is in memory
# must: there is none
# ends: model=failed
# %% model
import gc
found = [one for one in gc.get_objects() if type(one) is nn.Sequential and len(one) == 5]
model = found[0] if found and found[0][0].in_features == 8 else nn.Sequential(nn.Linear(8, 3))
