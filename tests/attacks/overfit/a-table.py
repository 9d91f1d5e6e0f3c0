# tries: a table of answers for inputs it has seen
# must: failed
# ends: model=failed
# %% model
class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.seen = nn.Linear(8, 32), nn.Linear(32, 3), {}
    def forward(self, x):
        self.b(self.a(x))
        return self.seen.setdefault(tuple(x.shape), torch.rand(len(x), 3).softmax(dim=1))
model = Table()
