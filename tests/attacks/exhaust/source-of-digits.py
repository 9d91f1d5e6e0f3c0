# tries: a number of 90,000 hexadecimal digits, which Python refuses to write in decimal
# must: its own cell's trouble, and no fault of the grader's
# ends: layer=failed,not_answered
# repeat: 90000
# %% layer
layer = 0x@f@
