# tries: a student's name that looks like another's
# must: two students
# name: 002\u200b-neighbour
# %% layer
layer = nn.Identity()
