# tries: millions of files and a tree 5,000 deep
# must: refused at the limit, and gone with the submission
# %% layer
import os
try:
    for number in range(1_000_000):
        open(f"f{number}", "w").close()
except OSError as error:
    print(number, error.errno)
try:
    for _ in range(5_000):
        os.mkdir("d")
        os.chdir("d")
except OSError as error:
    print(error.errno)
layer = nn.Identity()
