# tries: 5,000 threads, some by the system call itself
# must: refused at the limit
# ends: layer=cell_error,crashed,failed
# %% layer
import threading, time
threads = [threading.Thread(target=time.sleep, args=(99,), daemon=True) for _ in range(5_000)]
for one in threads:
    one.start()
layer = nn.Identity()
