# tries: text that cannot be written as UTF-8, and text that reads from right to left
# must: shown by its numbers
# %% layer
print("\ud800\udfff \u202egnp.exe\u202c \u2066x \ufeff\u200b\U000e0041 \u2028 \ufffe")
layer = nn.Identity()
