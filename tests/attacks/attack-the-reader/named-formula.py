# tries: a student's name that is a formula
# must: text
# name: =HYPERLINK("http:evil.example","x")
# %% layer
layer = nn.Identity()
