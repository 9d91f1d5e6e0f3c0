# tries: lets the layer compute the shape that is to be predicted
# must: not a literal
# ends: shapes=failed
# %% shapes
predicted = tuple(nn.Conv2d(3, 8, 5, padding=2)(torch.zeros(2, 3, 28, 28)).shape)
