# tries: values that are short to write and large to build
# must: not read
# ends: shapes=failed
# %% shapes
a = (1,) * 999
b = (a, a, a, a, a, a, a, a, a, a)
c = (b, b, b, b, b, b, b, b, b, b)
d = (c, c, c, c, c, c, c, c, c, c)
predicted = (d, d, d, d)
