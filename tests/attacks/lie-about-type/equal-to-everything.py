# tries: objects and tensors that are equal to whatever they are compared with
# must: compared elsewhere, as numbers
# ends: values=failed layer=failed
# %% layer
class Liar(nn.Linear):
    def __eq__(self, other): return True
    __hash__ = nn.Linear.__hash__
    def forward(self, x): return Equal(x[:, :3])
class Equal(torch.Tensor):
    def __eq__(self, other): return torch.ones(self.shape, dtype=torch.bool)
    def __sub__(self, other): return torch.zeros(self.shape)
    __rsub__ = __sub__
    def allclose(self, *_, **__): return True
layer = Liar(4, 3)
# %% values
softmax_output = Equal(torch.zeros(2, 4))
