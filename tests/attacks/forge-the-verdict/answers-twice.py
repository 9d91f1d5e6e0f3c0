# tries: sends every answer twice
# must: crashed
# ends: layer=crashed
# %% layer
import sys
conversation = sys.modules["autograder.runner.conversation"].Conversation
send = conversation._send
def twice(self, frame):
    send(self, frame)
    send(self, frame)
conversation._send = twice
layer = nn.Linear(4, 3, bias=False)
