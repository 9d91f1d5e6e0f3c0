# tries: runs every part, so that it is seen in use, and returns something else
# must: failed
# ends: model=failed
# %% model
class Show(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.drop = nn.Linear(8, 32), nn.Linear(32, 3), nn.Dropout(0.5)
    def forward(self, x):
        used = self.b(self.drop(torch.relu(self.a(x)))).softmax(dim=1)
        return used * 0 + 1 / 3
model = Show()
