# tries: infinities, whose differences are not numbers
# must: failed
# ends: layer=failed values=failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return super().forward(x) + float("inf")
layer = Layer(4, 3)
# %% values
softmax_output = torch.full((2, 4), float("-inf"))
