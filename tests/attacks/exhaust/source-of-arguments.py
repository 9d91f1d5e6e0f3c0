# tries: 30,000 keyword arguments, which compile() takes seconds for
# must: its own time
# ends: layer=timeout,cell_error,failed,crashed
# %% layer
layer = eval("dict(" + ",".join(f"a{n}=1" for n in range(30_000)) + ")")
