# tries: writes until nothing more goes
# must: refused at the limit of a file, and of the folder
# ends: layer=cell_error
# %% layer
for number in range(1000):
    with open(f"big{number}", "wb") as file:
        for _ in range(1000):
            file.write(bytes(1 << 16))
layer = nn.Identity()
