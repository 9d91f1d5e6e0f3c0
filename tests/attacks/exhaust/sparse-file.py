# tries: a file of a terabyte that has no blocks
# must: refused
# %% layer
import os
with open("sparse", "wb") as file:
    for call in (lambda: os.truncate("sparse", 1 << 40), lambda: os.posix_fallocate(file.fileno(), 0, 1 << 40), lambda: file.seek(1 << 40) and file.write(b"x")):
        try:
            call()
            file.flush()
            print("done")
        except OSError as error:
            print(error.errno)
layer = nn.Identity()
