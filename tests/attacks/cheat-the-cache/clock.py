# tries: claims another time and another version to whoever asks this process
# must: nobody asks it
# %% layer
import platform, time
time.time = lambda: 0.0
torch.__version__ = platform.python_version = "0"
layer = nn.Identity()
