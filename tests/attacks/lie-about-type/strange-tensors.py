# tries: sparse, quantised, complex and meta tensors, and one whose storage is shared by all its elements
# must: findings
# ends: values=failed layer=failed,crashed
# %% layer
class Layer(nn.Linear):
    def forward(self, x): return torch.empty(len(x), 3, device="meta")
layer = Layer(4, 3)
# %% values
softmax_output = torch.quantize_per_tensor(torch.zeros(2, 4), 0.1, 0, torch.quint8)
