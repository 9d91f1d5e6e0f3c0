# tries: a student's name that is a command to a CI
# must: text
# name: ::error file=a,line=1::forged
# %% layer
layer = nn.Identity()
