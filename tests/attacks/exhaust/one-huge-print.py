# tries: prints 200 MB at once
# must: cut
# ends: layer=failed,out_of_memory
# %% layer
print("y" * 200_000_000)
layer = nn.Identity()
