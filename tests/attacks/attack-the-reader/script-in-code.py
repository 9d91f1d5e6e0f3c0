# tries: markup in its own source
# must: text
# ends: layer=failed
# %% layer
"</code></pre><script>alert(document.cookie)</script><iframe src='javascript:alert(1)'>"
layer = nn.Identity()  # <style>*{display:none}</style> {{ 7 * 7 }} {% raw %}
