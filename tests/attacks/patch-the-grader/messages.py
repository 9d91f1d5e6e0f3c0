# tries: replaces msgspec, json and the frames they make
# must: crashed
# ends: layer=crashed
# %% layer
import json, msgspec, sys
messages = sys.modules["autograder.wire.messages"]
messages.encode = lambda *_: b'{"outcome": "passed", "points": 20}'
msgspec.msgpack.encode = json.dumps = lambda *_, **__: '{"outcome": "passed"}'
layer = nn.Identity()
