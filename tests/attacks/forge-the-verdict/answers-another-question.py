# tries: answers a computation with a tensor that nobody asked for, and with another kind of reply
# must: crashed
# ends: layer=crashed
# %% layer
import sys
probes, messages = sys.modules["autograder.runner.probes"], sys.modules["autograder.wire.messages"]
probes.answer = lambda namespace, request, sent: (messages.CellRan(output="", truncated=False, skipped_commands=0, assigned=("layer",)), ())
layer = nn.Identity()
