# tries: markup in an error's type and message
# must: text
# ends: layer=cell_error
# %% layer
raise type("<b onmouseover=alert(1)>", (Exception,), {})("<script>fetch('//evil.example')</script>\n# heading\n```\n[x](javascript:alert(1))")
layer = nn.Identity()
