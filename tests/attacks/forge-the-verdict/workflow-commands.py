# tries: commands to a CI
# must: text
# %% layer
print("::notice::20/20\n::set-output name=score::100\n::add-mask::0\n##[section]passed\n##vso[task.complete result=Succeeded;]")
raise ValueError("\n::error file=a,line=1::forged\n::set-output name=score::100")
layer = nn.Identity()
