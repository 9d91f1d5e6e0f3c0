# tries: escape sequences that clear the screen, set the title and paste
# must: shown by their numbers
# ends: layer=cell_error
# %% layer
print("\x1b[2J\x1b]0;owned\x07\x1b[31mFAILED\x1b[0m\x1bP\x9b2J\r\x08\x7f\x00\u202e\u2066")
raise ValueError("\x1b[2J\x1b]8;;http://evil.example\x07click\x1b]8;;\x07 \r\x1b[1A 20/20")
layer = nn.Identity()
