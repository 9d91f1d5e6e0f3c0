# tries: sys.exit(0) in the middle, as if all had gone well
# must: the cell counts as raised; questions before and after it stand on their own
# earns: layer shapes
# ends: model=cell_error
# %% layer right
# %% model
import sys
sys.exit(0)
model = nn.Linear(8, 3)
# %% shapes right
