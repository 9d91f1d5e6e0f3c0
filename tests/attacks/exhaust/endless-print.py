# tries: prints without an end
# must: a timeout, with the output cut
# ends: layer=timeout
# %% layer
while True:
    print("x" * 10_000)
layer = None
