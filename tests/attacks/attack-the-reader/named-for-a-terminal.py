# tries: a student's name that clears the screen
# must: shown by its numbers
# name: kim\x1b[2J\x1b]0;owned\x07\r\u202e
# %% layer
layer = nn.Identity()
