# tries: tells training from grading by whether gradients are recorded
# must: failed
# ends: model=failed
# %% model
class Model(nn.Sequential):
    def forward(self, x):
        return super().forward(x) if torch.is_grad_enabled() else torch.full((len(x), 3), 1 / 3)
model = Model(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3), nn.Softmax(dim=1))
