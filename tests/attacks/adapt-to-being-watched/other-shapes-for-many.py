# tries: other numbers for few rows and another shape for many, which are nowhere to be compared
# must: failed, and no fault of the grader's
# ends: layer=failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) + 1 if len(x) < 10 else x[:, :2]
layer = Layer(4, 3)
