# tries: a download by urllib, and torch's own
# must: refused
# %% layer
import urllib.request
for call in (lambda: urllib.request.urlopen("https://example.org", timeout=1), lambda: torch.hub.load_state_dict_from_url("https://example.org/model.pt")):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
layer = nn.Identity()
