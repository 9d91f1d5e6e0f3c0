# tries: a student's name that leads out of the folder of results
# must: a file name of ours, inside
# name: x..%2f..%2f..%2fleftbehind
# %% layer
layer = nn.Identity()
