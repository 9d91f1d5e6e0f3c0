# tries: a forward that never returns
# must: a timeout of what was asked
# earns: layer shapes
# ends: model=timeout
# %% layer right
# %% model
class Model(nn.Module):
    def forward(self, x):
        while True:
            pass
model = Model()
# %% shapes right
