# tries: process pools, by each of their ways to start
# must: refused
# %% layer
import multiprocessing
for way in ("fork", "spawn", "forkserver"):
    try:
        multiprocessing.get_context(way).Process(target=print).start()
        print("started", way)
    except Exception as error:
        print(way, type(error).__name__)
layer = nn.Identity()
