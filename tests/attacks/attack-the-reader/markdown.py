# tries: headings, fences, links, mentions and images in what it prints
# must: text
# %% layer
print("```\n# 20/20\n![](http://evil.example/x.png) @everyone #1 <!-- -->\n~~~\n| a | b |\n[x]: javascript:alert(1)")
layer = nn.Identity()
