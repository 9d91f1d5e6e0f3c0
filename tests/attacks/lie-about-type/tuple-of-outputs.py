# tries: returns a tuple that claims other tensors than it holds
# must: failed
# ends: layer=failed
# %% layer
class Two(tuple):
    def __len__(self): return 1
    def __iter__(self): return iter([torch.zeros(5, 3)])
class Layer(nn.Linear):
    def forward(self, x): return Two((super().forward(x) * 0, x))
layer = Layer(4, 3)
