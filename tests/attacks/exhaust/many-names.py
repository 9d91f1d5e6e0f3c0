# tries: binds a million names, which a reply lists
# must: cut
# ends: layer=failed,crashed,timeout,out_of_memory
# %% layer
globals().update({f"name{number}": number for number in range(1_000_000)})
layer = nn.Identity()
