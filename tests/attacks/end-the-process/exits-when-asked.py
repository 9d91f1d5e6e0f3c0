# tries: ends the process in forward, with status 0
# must: crashed
# ends: model=crashed
# earns: layer
# %% layer right
# %% model
import os
class Model(nn.Module):
    def forward(self, x):
        os._exit(0)
model = Model()
