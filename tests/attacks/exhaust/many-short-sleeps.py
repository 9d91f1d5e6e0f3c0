# tries: cells and answers that are each in time and together are not
# must: ended at the submission's own limit; what was earned by then stays
# earns: layer values model shapes
# ends: optimizer=timeout
# %% layer
import time
time.sleep(2.6)
layer = nn.Linear(4, 3)
# %% values
time.sleep(2.6)
softmax_output = x.softmax(dim=1)
# %% model right
# %% shapes
time.sleep(2.6)
predicted = (2, 8, 28, 28)
# %% optimizer
time.sleep(2.6)
class Slow(torch.optim.SGD):
    def step(self, *_):
        time.sleep(2.6)
        super().step()
sgd = Slow(model.parameters(), lr=0.01, momentum=0.9)
