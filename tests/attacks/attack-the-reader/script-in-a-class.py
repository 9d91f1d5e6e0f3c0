# tries: markup in the name of a class that feedback shows
# must: text
# ends: layer=failed
# %% layer
layer = type("<img src=x onerror=alert(1)>", (), {"__module__": "<script>"})()
