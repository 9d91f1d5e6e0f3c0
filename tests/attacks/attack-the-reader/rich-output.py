# tries: HTML, JavaScript and SVG as a cell's displayed result
# must: not shown
# %% layer
from IPython.display import HTML, Javascript, SVG, display
display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
try:
    display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"))
except Exception as error:
    print(error)
layer = nn.Identity()
