# tries: scripts in what it prints
# must: text
# %% layer
print("<script>alert(1)</script><img src=x onerror=alert(1)></pre></code></details><svg/onload=alert(1)>")
layer = nn.Identity()
