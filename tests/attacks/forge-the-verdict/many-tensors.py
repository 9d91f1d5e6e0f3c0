# tries: says that hundreds of outputs come, and sends other numbers of them
# must: crashed or failed
# ends: layer=crashed,failed
# %% layer
import sys
modules, messages = sys.modules["autograder.runner.modules"], sys.modules["autograder.wire.messages"]
def compute(module, request, sent):
    return messages.Computed(passes=tuple(messages.Passed(outputs=16) for _ in request.passes)), [torch.zeros(5, 3)]
modules.compute = compute
layer = nn.Linear(4, 3)
