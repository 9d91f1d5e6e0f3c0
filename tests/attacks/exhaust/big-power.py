# tries: a number with billions of digits, as a constant
# must: a timeout or no memory; it is not folded by whoever reads the source
# ends: shapes=failed,timeout,out_of_memory,cell_error
# %% shapes
predicted = (9 ** 9 ** 9 ** 9, 8, 28, 28)
