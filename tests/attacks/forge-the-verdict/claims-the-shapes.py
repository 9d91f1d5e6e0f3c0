# tries: claims parameters of the right shapes and answers with the inputs
# must: failed
# ends: layer=failed,crashed
# %% layer
import sys
probes, messages = sys.modules["autograder.runner.probes"], sys.modules["autograder.wire.messages"]
draw = sys.modules["autograder.wire.tensors"].draw
facts = tuple(messages.ParameterFacts(name=n, shape=s, dtype="float32", order=i) for i, (n, s) in enumerate([("weight", (3, 4)), ("bias", (3,))]))
def answer(namespace, request, sent):
    if type(request).__name__ == "Look":
        return messages.Seen(kind="module", classes=("torch.nn.modules.module.Module",), parameters=facts), ()
    if type(request).__name__ == "Trace":
        return messages.Traced(parameters=facts), ()
    outputs = [draw(one.inputs)[:, :3] for one in request.passes]
    return messages.Computed(passes=tuple(messages.Passed(outputs=1) for _ in outputs)), outputs
probes.answer = answer
layer = nn.Identity()
