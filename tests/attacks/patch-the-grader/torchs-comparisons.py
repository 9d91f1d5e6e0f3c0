# tries: makes equal, allclose and isclose always say yes
# must: they are not asked
# ends: layer=failed values=failed
# %% layer
torch.equal = torch.allclose = lambda *_, **__: True
torch.isclose = lambda one, *_, **__: torch.ones_like(one, dtype=torch.bool)
torch.testing.assert_close = lambda *_, **__: None
torch.Tensor.__eq__ = lambda *_: True
torch.Tensor.equal = torch.Tensor.allclose = lambda *_: True
layer = nn.Linear(4, 3, bias=False)
# %% values
softmax_output = torch.zeros(2, 4)
