# tries: parameters that take no memory here, whose stand-ins would take 17 GB where the optimizer is judged
# must: an optimizer is stepped on few numbers, whatever shapes are claimed
# ends: model=failed,out_of_memory
# earns: optimizer
# %% model
class Many(nn.Module):
    def __init__(self):
        super().__init__()
        for number in range(64):
            self.register_parameter(f"p{number}", nn.Parameter(torch.zeros(1).expand([8] * 8)))
    def forward(self, x):
        return x[:, :3]
model = Many()
# %% optimizer right
