# tries: lists parts, parameters and a state that it does not use
# must: behaviour decides
# ends: model=failed
# %% model
class Liar(nn.Module):
    def __init__(self):
        super().__init__()
        self.real = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3), nn.Softmax(dim=1))
    def __repr__(self): return repr(self.real)
    extra_repr = __repr__
    def named_modules(self, *_, **__): return self.real.named_modules()
    def state_dict(self, *_, **__): return self.real.state_dict()
    def forward(self, x): return torch.full((len(x), 3), 1 / 3)
model = Liar()
