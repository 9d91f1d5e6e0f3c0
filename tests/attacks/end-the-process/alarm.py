# tries: an alarm that ends the process later, while it is asked
# must: crashed at worst
# ends: layer=crashed
# %% layer
import signal, time
signal.signal(signal.SIGALRM, signal.SIG_DFL)
class Slow(nn.Module):
    def forward(self, x):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(1)
        return x
layer = Slow()
