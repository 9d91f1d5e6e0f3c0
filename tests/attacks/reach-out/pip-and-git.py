# tries: pip, git and curl through the shell
# must: nothing is run
# %% layer
import subprocess, sys
for command in ([sys.executable, "-m", "pip", "install", "leftbehind"], ["git", "clone", "https://example.org/x"], ["curl", "https://example.org"]):
    try:
        print(subprocess.run(command, capture_output=True, timeout=2))
    except BaseException as error:
        print(type(error).__name__)
get_ipython().system("curl https://example.org > leftbehind")
layer = nn.Identity()
