# tries: notebook metadata that says what the question is worth and that it was graded
# must: the course decides what is worth what
# about: {"points": 1000, "checksum": "0", "score": 20, "grade": true, "locked": true}
# ends: layer=failed
# %% layer
layer = nn.Identity()
