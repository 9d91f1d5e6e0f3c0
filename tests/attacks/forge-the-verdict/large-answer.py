# tries: answers with the largest tensors that a frame may carry
# must: failed or crashed, in time and in memory
# ends: layer=crashed,failed
# %% layer
class Layer(nn.Linear):
    def forward(self, x):
        return torch.zeros(2_000_000)
layer = Layer(4, 3)
