# tries: a student's name that is markup
# must: text
# name: <script>alert(1)<⁄script><img src=x onerror=alert(1)>
# %% layer
layer = nn.Identity()
