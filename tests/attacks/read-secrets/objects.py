# tries: every object that the garbage collector knows
# must: nothing of the trusted side among them
# %% layer
import gc
gc.unfreeze()
for one in gc.get_objects():
    try:
        text = repr(one) if type(one) in (dict, list, tuple, bytes) and len(one) < 200 else ""
    except Exception:
        continue
    if "CANARY" in text or "test_hidden" in text or "points" in text:
        print(text[:500])
layer = nn.Identity()
