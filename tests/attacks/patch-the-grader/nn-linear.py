# tries: replaces nn.Linear, which a reference is made of
# must: the reference is made elsewhere
# ends: layer=failed,cell_error
# %% layer
class Nothing(nn.Module):
    def __init__(self, *_, **__): super().__init__()
    def forward(self, x): return x * 0
nn.Linear = torch.nn.modules.linear.Linear = torch.nn.modules.Linear = Nothing
layer = nn.Linear(4, 3)
