# tries: replaces the probes by answers that claim every type and compute zeros
# must: failed: behaviour decides
# ends: layer=failed,crashed model=failed,crashed
# %% layer
import sys
probes, messages = sys.modules["autograder.runner.probes"], sys.modules["autograder.wire.messages"]
def answer(namespace, request, sent):
    if type(request).__name__ == "Look":
        return messages.Seen(kind="module", classes=("torch.nn.modules.linear.Linear", "torch.nn.modules.module.Module")), ()
    if type(request).__name__ == "Trace":
        return messages.Traced(parameters=()), ()
    if type(request).__name__ == "Compute":
        outputs = [torch.zeros(max(one.inputs.rows, 1) if hasattr(one.inputs, "rows") else 1, 3) for one in request.passes]
        return messages.Computed(passes=tuple(messages.Passed(outputs=1) for _ in outputs)), outputs
    return messages.Raised(name="E", message="m"), ()
probes.answer = answer
layer = nn.Identity()
# %% model
model = nn.Identity()
