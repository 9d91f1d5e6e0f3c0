# tries: makes every drawn number zero, so that all models agree
# must: the other end draws its own
# ends: layer=failed
# %% layer
import sys
for name in ("autograder.wire.tensors", "autograder.runner.modules", "autograder.runner.optimizers"):
    sys.modules[name].draw = lambda recipe, dtype=torch.float32: torch.zeros((recipe.rows,) * bool(recipe.rows) + tuple(recipe.shape), dtype=dtype)
layer = nn.Linear(4, 3)
