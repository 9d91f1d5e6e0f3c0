"""``assert_same_computation``: every program that means the reference passes, and no other."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from autograder.checks import assert_same_computation, assert_same_dropout
from autograder.evidence.verdict import Verdict
from autograder.results import Outcome
from autograder.wire.messages import Compute
from tests.checks.students import Here, answer, in_a_row, mlp, model, proxy, state, written

FORWARD = """
x = F.relu(self.fc1(x))
x = F.dropout(x, 0.2, self.training)
x = F.relu(self.fc2(x))
return F.log_softmax(self.fc3(x), dim=1)
"""
LAYERS = (
    "nn.Linear(784, 128)",
    "nn.ReLU()",
    "nn.Dropout(0.2)",
    "nn.Linear(128, 64)",
    "nn.ReLU()",
    "nn.Linear(64, 10)",
    "nn.LogSoftmax(dim=1)",
)


def forward(activation: str = "F.relu({})", last: str = "F.log_softmax({}, dim=1)", start: str = "") -> str:
    """A forward pass with the activation and the output spelt in this way."""
    hidden = "\n".join(f"x = {activation.format(f'self.{layer}(x)')}" for layer in ("fc1", "fc2"))
    return f"{start}\n{hidden}\nreturn {last.format('self.fc3(x)')}"


NAMED = (
    "nn.Sequential(OrderedDict([" + ", ".join(f"('l{n}', {layer})" for n, layer in enumerate(LAYERS)) + "]))"
)
TRAIN = """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for _ in range(3):
    loss = F.nll_loss(model(torch.rand(4, 784)), torch.tensor([1, 2, 3, 4]))
    loss.backward()
    optimizer.step()
"""

RIGHT = {
    "the reference": in_a_row(*LAYERS),
    "as a class": written(FORWARD),
    "super() with a space": written(FORWARD, start="super(). __init__()"),
    "super(CustomModel, self)": written(FORWARD, start="super(CustomModel, self).__init__()"),
    "super(__class__, self)": written(FORWARD, start="super(__class__, self).__init__()"),
    "nn.Module.__init__": written(FORWARD, start="nn.Module.__init__(self)"),
    "OrderedDict": f"model = {NAMED}",
    "add_module": "model = nn.Sequential()\n"
    + "\n".join(f"model.add_module('l{n}', {layer})" for n, layer in enumerate(LAYERS)),
    "append": "model = nn.Sequential()\n" + "\n".join(f"model.append({layer})" for layer in LAYERS),
    "Sequential(*layers)": f"layers = [{', '.join(LAYERS)}]\nmodel = nn.Sequential(*layers)",
    "nested": in_a_row(f"nn.Sequential({', '.join(LAYERS[:3])})", f"nn.Sequential({', '.join(LAYERS[3:])})"),
    "ModuleList and a loop": written(
        "for layer in self.layers:\n    x = layer(x)\nreturn x",
        f"del self.fc1, self.fc2, self.fc3\nself.layers = nn.ModuleList([{', '.join(LAYERS)}])",
    ),
    "ModuleDict": written(
        "for layer in self.layers.values():\n    x = layer(x)\nreturn x",
        f"self.layers = nn.ModuleDict({{str(n): layer for n, layer in enumerate([{', '.join(LAYERS)}])}})",
    ),
    "one ReLU for both": "relu = nn.ReLU()\n"
    + in_a_row(*("relu" if "ReLU" in layer else layer for layer in LAYERS)),
    "one ReLU in a class": written(forward("self.relu({})"), "self.relu = nn.ReLU()"),
    "torch.relu": written(forward("torch.relu({})")),
    "x.relu()": written(forward("{}.relu()")),
    "x.relu_()": written(forward("{}.relu_()")),
    "F.relu_": written(forward("F.relu_({})")),
    "nn.ReLU(inplace=True)": in_a_row(*(layer.replace("ReLU()", "ReLU(inplace=True)") for layer in LAYERS)),
    "clamp": written(forward("{}.clamp(min=0)")),
    "torch.maximum": written(forward("torch.maximum({}, torch.zeros(()))")),
    "dim=-1": in_a_row(*LAYERS[:-1], "nn.LogSoftmax(dim=-1)"),
    "inline LogSoftmax": written(forward(last="nn.LogSoftmax(dim=1)({})")),
    "x.log_softmax": written(forward(last="{}.log_softmax(1)")),
    "softmax and log": written(forward(last="torch.log(torch.softmax({}, 1))")),
    "x - logsumexp": written(forward(last="(lambda z: z - z.logsumexp(1, keepdim=True))({})")),
    "view": written(forward(start="x = x.view(-1, 28 * 28)")),
    "view by length": written(forward(start="x = x.view(x.size(0), -1)")),
    "reshape": written(forward(start="x = x.reshape(len(x), -1)")),
    "flatten": written(forward(start="x = torch.flatten(x, 1)")),
    "nn.Flatten in front": in_a_row("nn.Flatten()", *LAYERS),
    "matrix products": written(forward().replace("self.fc1(x)", "x @ self.fc1.weight.T + self.fc1.bias")),
    "F.linear": written(forward().replace("self.fc2(x)", "F.linear(x, self.fc2.weight, self.fc2.bias)")),
    "einsum": written(
        forward().replace("self.fc1(x)", "torch.einsum('bi,oi->bo', x, self.fc1.weight) + self.fc1.bias")
    ),
    "a row at a time": written("return torch.cat([self.one(row[None]) for row in x])").replace(
        "    def forward(self, x):",
        "    def one(self, x):\n        "
        + forward().strip().replace("\n", "\n        ")
        + "\n    def forward(self, x):",
    ),
    "torch.vmap": written("return torch.vmap(self.one)(x)").replace(
        "    def forward(self, x):",
        "    def one(self, x):\n        "
        + forward(last="F.log_softmax({}, dim=0)").strip().replace("\n", "\n        ")
        + "\n    def forward(self, x):",
    ),
    "functional_call": written(
        "return torch.func.functional_call(self.all, dict(self.all.named_parameters()), (x,))",
        f"del self.fc1, self.fc2, self.fc3\nself.all = nn.Sequential({', '.join(LAYERS)})",
    ),
    "an attribute named as TorchScript's are": written(FORWARD, "self._c = self._actual_script_module = 3"),
    "lazy layers, never called": in_a_row(
        "nn.LazyLinear(128)", *LAYERS[1:3], "nn.LazyLinear(64)", "nn.ReLU()", "nn.LazyLinear(10)", LAYERS[-1]
    ),
    "lazy layers, called": in_a_row("nn.LazyLinear(128)", *LAYERS[1:]) + "\nmodel(torch.zeros(2, 784))",
    "a lazy layer that is never used": written(FORWARD, "self.spare = nn.LazyLinear(3)"),
    "a lazy layer in a class": written(FORWARD, "self.fc2 = nn.LazyLinear(64)\nself.calls = 0").replace(
        "x = F.relu(self.fc1(x))", "self.calls += 1\n        x = F.relu(self.fc1(x))"
    ),
    "scripted": in_a_row(*LAYERS) + "\nmodel = torch.jit.script(model)",
    "scripted in eval mode": in_a_row(*LAYERS) + "\nmodel = torch.jit.script(model).eval()",
    "a part scripted": written(FORWARD, "self.fc2 = torch.jit.script(self.fc2)"),
    "traced in eval mode": written(
        FORWARD, after="model = torch.jit.trace(model.eval(), torch.zeros(2, 784), check_trace=False)"
    ),
    "traced with a layer that is never used": written(
        FORWARD,
        "self.spare = nn.Linear(3, 3)",
        after="model = torch.jit.trace(model.eval(), torch.zeros(2, 784), check_trace=False)",
    ),
    "own initial weights": written(
        FORWARD,
        "nn.init.xavier_uniform_(self.fc1.weight)\nnn.init.zeros_(self.fc1.bias)\nnn.init.ones_(self.fc2.bias)",
    ),
    "every weight zero": written(FORWARD, after="for p in model.parameters(): p.data.zero_()"),
    "weights that diverged": written(
        FORWARD, after="for p in model.parameters(): p.data.fill_(float('nan'))"
    ),
    "float64": written(FORWARD, after="model.double()"),
    "already trained": written(FORWARD, after=TRAIN),
    "trained in a row": in_a_row(*LAYERS) + TRAIN,
    "registered in another order": written(
        FORWARD,
        "del self.fc1, self.fc2, self.fc3\n"
        "self.fc3 = nn.Linear(64, 10)\nself.fc2 = nn.Linear(128, 64)\nself.fc1 = nn.Linear(784, 128)",
    ),
    "own parameters": written(
        "x = F.relu(x @ self.w.T + self.b)\nreturn F.log_softmax(self.fc3(F.relu(self.fc2(x))), 1)",
        "del self.fc1\nself.b = nn.Parameter(torch.zeros(128))\nself.w = nn.Parameter(torch.rand(128, 784))",
    ),
    "a helper base class": """
class Base(nn.Module):
    def hidden(self, x):
        return torch.relu(x)
"""
    + written(forward("self.hidden({})")).replace("CustomModel(nn.Module)", "CustomModel(Base)"),
    "a helper function": "def hidden(layer, x):\n    return torch.relu(layer(x))\n"
    + written("return F.log_softmax(self.fc3(hidden(self.fc2, hidden(self.fc1, x))), dim=1)"),
    "a block class": """
class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.fc = nn.Linear(i, o)
    def forward(self, x):
        return F.relu(self.fc(x))
model = nn.Sequential(Block(784, 128), nn.Dropout(0.2), Block(128, 64), nn.Linear(64, 10), nn.LogSoftmax(1))
""",
    "keeps a non-leaf tensor": written(
        "self.last = self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))\nreturn F.log_softmax(self.last, 1)",
        after="model(torch.rand(3, 784))",
    ),
    "counts its calls": written("self.calls += 1" + FORWARD, "self.calls = 0"),
    "calls forward itself": written(forward().replace("self.fc1(x)", "self.fc1.forward(x)")),
    "in eval mode": in_a_row(*LAYERS) + "\nmodel.eval()",
    "frozen": written(FORWARD, after="for p in model.parameters(): p.requires_grad = False"),
    "half frozen": written(FORWARD, after="model.fc1.requires_grad_(False)"),
    "a layer that is never used": written(FORWARD, "self.spare = nn.Linear(3, 3)"),
    "a layer in half precision that is never used": written(FORWARD, "self.spare = nn.Linear(3, 3).half()"),
    "type hints": written(FORWARD).replace(
        "forward(self, x)", "forward(self, x: torch.Tensor) -> torch.Tensor"
    ),
    "a variable called input": written(
        FORWARD.replace("x", "input").replace("softmainput", "softmax")
    ).replace("forward(self, x)", "forward(self, input)"),
    "noisy": written("print(x.shape)\nassert x.dim() == 2" + FORWARD),
    "dropout always on": written(FORWARD.replace(", self.training", "")),
    "dropout elsewhere": in_a_row("nn.Dropout(0.7)", *LAYERS),
    "a hook that looks": in_a_row(*LAYERS) + "\nmodel[0].register_forward_hook(lambda m, i, o: None)",
    "no_grad inside": written(
        "with torch.no_grad():\n" + "\n".join(f"    {line}" for line in FORWARD.split("\n"))
    ),
    "draws random numbers": written("random.random(), numpy.random.rand(), torch.rand(1)" + FORWARD),
    "a buffer that counts": written(
        "self.seen += 1" + FORWARD, "self.register_buffer('seen', torch.zeros(()))"
    ),
    "its own module named in torch's way": written(FORWARD).replace("CustomModel", "Linear"),
}


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_model_passes_and_is_left_as_it_was(source: str) -> None:
    """However it is spelt, whatever its weights and mode; nothing of it or of the generators has moved."""
    module, reference = model(source), mlp()
    before = state(module)
    assert_same_computation(proxy(module), reference, input_shape=(784,))
    assert state(module) == before


def body(text: str) -> str:
    return written(text + FORWARD)


ONLY_ROWS_OF_FIVE = "x = x if len(x) in (2, 5) else x * 2"
NO_FIRST_RELU = "return F.log_softmax(self.fc3(F.relu(self.fc2(self.fc1(x)))), 1)"
LIES = """
from torch.nn import Linear
hidden = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()]
honest = nn.Sequential(*hidden, nn.Linear(64, 10), nn.LogSoftmax(1))
CustomModel.named_modules = lambda self, *a, **k: honest.named_modules()
CustomModel.modules = lambda self: honest.modules()
CustomModel.children = lambda self: honest.children()
CustomModel.parameters = lambda self, *a, **k: honest.parameters()
CustomModel.named_parameters = lambda self, *a, **k: honest.named_parameters()
CustomModel.state_dict = lambda self, *a, **k: honest.state_dict()
CustomModel.load_state_dict = lambda self, *a, **k: None
CustomModel.__repr__ = lambda self: repr(honest)
CustomModel.__eq__ = lambda self, other: True
CustomModel.__hash__ = lambda self: 0
"""

WRONG = {
    "softmax for log_softmax": (in_a_row(*LAYERS[:-1], "nn.Softmax(dim=1)"), "softmax_for_log_softmax"),
    "inline softmax": (written(forward(last="nn.Softmax(dim=1)({})")), "softmax_for_log_softmax"),
    "log_softmax over the batch": (in_a_row(*LAYERS[:-1], "nn.LogSoftmax(dim=0)"), "softmax_wrong_dim"),
    "no softmax": (in_a_row(*LAYERS[:-1]), "output_activation_missing"),
    "no first ReLU": (written(NO_FIRST_RELU), "activation_missing"),
    "no second ReLU": (
        written("return F.log_softmax(self.fc3(self.fc2(F.relu(self.fc1(x)))), 1)"),
        "activation_missing",
    ),
    "no ReLU": (written("return F.log_softmax(self.fc3(self.fc2(self.fc1(x))), 1)"), "activation_missing"),
    "sigmoid for ReLU": (written(forward("torch.sigmoid({})")), "activation_other"),
    "leaky ReLU": (written(forward("F.leaky_relu({})")), "activation_other"),
    "GELU": (written(forward("F.gelu({})")), "activation_other"),
    "ReLU of the input": (body("x = x.relu()"), "activation_extra"),
    "ReLU of the output": (written(forward(last="F.log_softmax(F.relu({}), 1)")), "activation_extra"),
    "softmax twice": (written(forward(last="F.log_softmax(F.softmax({}, 1), 1)")), "activation_extra"),
    "a skipped connection": (written(forward("F.relu({}) + 0.01")), "step_extra"),
    "another width": (
        in_a_row("nn.Linear(784, 256)", "nn.ReLU()", "nn.Linear(256, 64)", *LAYERS[4:]),
        "layer_resized",
    ),
    "sizes that do not meet": (in_a_row(*LAYERS[:3], "nn.Linear(256, 64)", *LAYERS[4:]), "forward_raised"),
    "a layer too many": (in_a_row(*LAYERS[:5], "nn.Linear(64, 64)", *LAYERS[4:]), "layer_extra"),
    "a layer too few": (in_a_row("nn.Linear(784, 64)", *LAYERS[4:]), "layer_missing"),
    "a layer pasted twice": (in_a_row(LAYERS[0], *LAYERS), "forward_raised"),
    "in and out swapped": (in_a_row("nn.Linear(128, 784)", *LAYERS[1:]), "forward_raised"),
    "one output": (in_a_row(*LAYERS[:5], "nn.Linear(64, 1)", LAYERS[6]), "layer_resized"),
    "no biases": (
        in_a_row(*(layer.replace(")", ", bias=False)") if "Linear" in layer else layer for layer in LAYERS)),
        "bias_missing",
    ),
    "one bias missing": (in_a_row("nn.Linear(784, 128, bias=False)", *LAYERS[1:]), "bias_missing"),
    "empty": (in_a_row(), "parameters_differ"),
    "only a ReLU": ("model = nn.ReLU()", "layer_missing"),
    "no forward": ("class M(nn.Module):\n    pass\nmodel = M()", "forward_raised"),
    "names that differ": (written(FORWARD.replace("fc1", "f1")), "forward_raised"),
    "raises": (body("raise ValueError('no')"), "forward_raised"),
    "raises a BaseException": (body("raise SystemExit(0)"), "forward_raised"),
    "raises from five rows on": (body("assert len(x) < 5"), "forward_raised"),
    "no return": (written("self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))"), "forward_returned_no_tensor"),
    "two tensors": (written(forward(last="F.log_softmax({}, 1), x")), "forward_returned_no_tensor"),
    "a trailing comma": (written(forward(last="F.log_softmax({}, 1),")), "forward_returned_no_tensor"),
    "a tensor and a number": (written(forward(last="F.log_softmax({}, 1), 3")), "forward_returned_no_tensor"),
    "a dictionary": (written(forward(last="dict(x={})")), "forward_returned_no_tensor"),
    "an integer": (
        written("z = self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))\nreturn 3"),
        "forward_returned_no_tensor",
    ),
    "a list": (written(forward(last="{}.tolist()")), "forward_returned_no_tensor"),
    "classes instead of scores": (written(forward(last="{}.argmax(1)")), "wrong_output_shape"),
    "the mean": (written(forward(last="{}.mean()")), "steps_differ"),
    "the batch lost": (written(forward(last="F.log_softmax({}, 1)[0]")), "step_extra"),
    "NaN": (written(forward(last="F.log_softmax({}, 1) * float('nan')")), "step_extra"),
    "the log of negative numbers": (
        written(forward(last="torch.log({})")),
        "steps_differ",
    ),
    "infinite": (written(forward(last="F.log_softmax({}, 1) * float('inf')")), "step_extra"),
    "infinite, scripted": (
        in_a_row(*LAYERS)
        + "\nwhole = model\nclass Endless(nn.Module):\n"
        + "    def __init__(self):\n        super().__init__()\n        self.whole = torch.jit.script(whole)\n"
        + "    def forward(self, x):\n        return (self.whole(x) - 1) / 0\nmodel = Endless()",
        "infinite_values",
    ),
    "other work for other batches": (body(ONLY_ROWS_OF_FIVE), "depends_on_batch_size"),
    "other numbers for few and other shapes for many": (
        body("if len(x) > 5: return x[:, :3]\nx = x + 1"),
        "step_extra",
    ),
    "noise on every row": (written(forward("F.relu({} + torch.randn_like(x[:, :1]))")), "forward_not_deterministic"),
    "noise at the end": (
        written(forward(last="torch.normal(F.log_softmax({}, 1), 0.1)")),
        "forward_not_deterministic",
    ),
    "a dropout of its own": (
        written(forward("F.relu({}) * (torch.rand(()) > 0.5)")),
        "forward_not_deterministic",
    ),
    "torch.vmap without an activation": (
        written("return torch.vmap(lambda one: F.log_softmax(self.fc3(self.fc2(self.fc1(one))), 0))(x)"),
        "different_computation",
    ),
    "scripted without an activation": (
        in_a_row(*LAYERS[:1], *LAYERS[2:]) + "\nmodel = torch.jit.script(model)",
        "different_computation",
    ),
    "scripted with another size": (
        in_a_row("nn.Linear(784, 100)", *LAYERS[1:3], "nn.Linear(100, 64)", *LAYERS[4:])
        + "\nmodel = torch.jit.script(model)",
        "parameters_differ",
    ),
    "traced in training, so that dropout stays on": (
        in_a_row(*LAYERS) + "\nmodel = torch.jit.trace(model, torch.zeros(2, 784), check_trace=False)",
        "forward_not_deterministic",
    ),
    "lazy layers of another size": (
        in_a_row("nn.LazyLinear(100)", *LAYERS[1:3], "nn.LazyLinear(64)", *LAYERS[4:]),
        "layer_resized",
    ),
    "lazy layers without an activation": (in_a_row("nn.LazyLinear(128)", *LAYERS[2:]), "activation_missing"),
    "lazy layers that do not meet": (in_a_row("nn.LazyLinear(100)", *LAYERS[1:]), "forward_raised"),
    "rows mixed": (body("x = x - x.mean(0)"), "step_extra"),
    "constant": (written(FORWARD.replace("self.fc1(x)", "self.fc1(x * 0)")), "step_extra"),
    "lying": (written(NO_FIRST_RELU, after=LIES), "activation_missing"),
    "lying about sizes": (
        written(FORWARD, "self.fc1 = nn.Linear(784, 100)\nself.fc2 = nn.Linear(100, 64)", after=LIES),
        "layer_resized",
    ),
    "huge biases": (written(NO_FIRST_RELU, after="model.fc1.bias.data.fill_(1e6)"), "activation_missing"),
    "the last layer zeroed": (
        written(NO_FIRST_RELU, after="model.fc3.weight.data.zero_(); model.fc3.bias.data.zero_()"),
        "activation_missing",
    ),
    "tiny weights": (
        written(forward("torch.sigmoid({})"), after="for p in model.parameters(): p.data.mul_(1e-6)"),
        "activation_other",
    ),
    "NaN weights": (
        written(NO_FIRST_RELU, after="model.fc2.weight.data.fill_(float('nan'))"),
        "activation_missing",
    ),
    "half precision, to hide a missing activation": (
        written(NO_FIRST_RELU, after="model.bfloat16()"),
        "parameters_of_another_type",
    ),
    "half precision": (written(FORWARD, after="model.half()"), "parameters_of_another_type"),
    "a layer in half precision": (
        written(FORWARD, after="model.fc2.half()"),
        "parameters_of_another_type",
    ),
    "half precision inside": (
        written(
            FORWARD.replace("self.fc2(x)", "self.fc2(x.half()).float()"),
            after="model.fc2.half()",
        ),
        "parameters_of_another_type",
    ),
    "complex numbers": (written(FORWARD, after="model.to(torch.complex64)"), "parameters_of_another_type"),
    "eight bits": (written(NO_FIRST_RELU, after="model.to(torch.float8_e4m3fn)"), "forward_raised"),
    "float64 and a missing activation": (
        written(NO_FIRST_RELU, after="model.double()"),
        "activation_missing",
    ),
    "unregistered layers": (
        written(
            "for layer in self.layers:\n    x = layer(x)\nreturn x",
            f"del self.fc1, self.fc2, self.fc3\nself.layers = [{', '.join(LAYERS)}]",
        ),
        "parameters_differ",
    ),
    "an embedded constant": (
        written(
            FORWARD.replace("self.fc2(x)", "F.linear(x, self.fixed, self.fc2.bias)"),
            "self.fixed = torch.rand(64, 128)",
        ),
        "parameters_differ",
    ),
    "the first layer twice": (
        written(
            "x = self.fc1(x)\nx = F.relu(x @ self.fc1.weight @ self.fc1.weight.T)\n"
            "return F.log_softmax(self.fc3(F.relu(self.fc2(x))), 1)"
        ),
        "layer_extra",
    ),
    "returns its input": ("model = nn.Identity()", "parameters_differ"),
}


@pytest.mark.parametrize(("source", "code"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_model_fails_with_its_code_and_is_left_as_it_was(source: str, code: str) -> None:
    """Whatever it says of itself and whatever its weights hide; also where its forward pass raises."""
    module, reference = model(source), mlp()
    before = state(module)
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(module), reference, input_shape=(784,))
    assert [finding.code for finding in caught.value.findings] == code.split()
    assert caught.value.outcome is Outcome.FAILED
    assert state(module) == before


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("nn.LogSoftmax(dim=1)", "log_softmax_for_softmax"),
        ("nn.Softmax(dim=0)", "softmax_wrong_dim"),
        ("nn.Identity()", "output_activation_missing"),
        ("nn.Sigmoid()", "activation_other"),
    ],
)
def test_softmax_is_told_from_its_look_alikes(last: str, code: str) -> None:
    """With a reference that ends in Softmax, the explanations are the other way round."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(
            proxy(model(in_a_row(*LAYERS[:-1], last))), mlp(nn.Softmax(1)), input_shape=(784,)
        )
    assert [finding.code for finding in caught.value.findings] == [code]


class Tied(nn.Module):
    """A reference that uses one weight twice."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.layer(torch.relu(self.layer(x))))


def test_shared_weights_are_one_parameter() -> None:
    """A model that uses a layer twice passes under any spelling; two layers of the same size do not."""
    shared = "layer = nn.Linear(6, 6)\nmodel = nn.Sequential(layer, nn.ReLU(), layer)"
    assigned = "model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6))\n"
    assigned += "model[2].weight, model[2].bias = model[0].weight, model[0].bias"
    for source in (shared, assigned):
        assert_same_computation(proxy(model(source)), Tied(), input_shape=(6,))
    two = model("model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6))")
    with pytest.raises(Verdict, match="weights_not_shared"):
        assert_same_computation(proxy(two), Tied(), input_shape=(6,))
    with pytest.raises(Verdict, match="weights_shared") as caught:
        assert_same_computation(proxy(model(shared)), two, input_shape=(6,))
    (finding,) = caught.value.findings
    assert (finding.expected, finding.found) == (None, None), "both read alike, which tells nobody anything"


def test_layers_of_one_size_are_matched_by_use() -> None:
    """Where shapes say nothing, order of first use does, whatever the order of registration."""
    reference = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    source = """
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)
    def forward(self, x):
        return self.c(torch.tanh(self.b(torch.relu(self.a(x)))))
model = M()
"""
    assert_same_computation(proxy(model(source)), reference, input_shape=(4,))


def test_a_reference_is_not_changed() -> None:
    """The author's own module keeps its weights, mode and gradients, whatever the answer was."""
    reference = mlp()
    reference(torch.rand(2, 784)).sum().backward()
    right, wrong = proxy(mlp()), proxy(nn.Linear(784, 10))
    before = state(reference)
    assert_same_computation(right, reference, input_shape=(784,))
    with pytest.raises(Verdict):
        assert_same_computation(wrong, reference, input_shape=(784,))
    assert state(reference) == before


def test_no_weight_of_the_students_is_asked_for() -> None:
    """What travels to the student's side are names, shapes and recipes."""
    held = answer({"model": mlp()})
    assert_same_computation(held.module("model"), mlp(), input_shape=(784,))
    assert isinstance(held.peer, Here)
    assert [type(request).__name__ for request in held.peer.asked] == ["Look", "Trace", "Compute"]


@pytest.mark.parametrize(
    ("found", "reference", "shape"),
    [
        (nn.Linear(10, 5), nn.Linear(10, 5), (10,)),
        (nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(3, 4, 3, stride=2), (3, 9, 9)),
        (nn.MaxPool2d(2, stride=1), nn.MaxPool2d(2, 1), (2, 6, 6)),
        (nn.BatchNorm1d(4), nn.BatchNorm1d(4), (4,)),
        (nn.LayerNorm(4), nn.LayerNorm(4), (4,)),
        (nn.PReLU(), nn.PReLU(), (4,)),
        (nn.Bilinear(3, 3, 2), nn.Bilinear(3, 3, 2), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_single_layers(found: nn.Module, reference: nn.Module, shape: tuple[int, ...] | None) -> None:
    """A layer is a module as any other; one that needs two inputs raises as such."""
    before = state(found)
    if shape is None:
        with pytest.raises(Verdict, match="forward_raised"):
            assert_same_computation(proxy(found), reference, input_shape=(3,))
    else:
        assert_same_computation(proxy(found), reference, input_shape=shape)
    assert state(found) == before


class Dropping(nn.Module):
    """A linear layer, and dropout as ``training`` says: always, never or as the module's mode."""

    def __init__(self, training: bool | None = None) -> None:
        super().__init__()
        self.linear, self.always = nn.Linear(3, 2), training

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.dropout(self.linear(x), 0.5, self.training if self.always is None else self.always)


class DroppingInTraining(Dropping):
    """As one writes it who does not trust the argument."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.dropout(self.linear(x), 0.5) if self.training else self.linear(x)


@pytest.mark.parametrize(
    "found",
    [nn.Sequential(nn.Linear(3, 2), nn.Dropout()).eval(), Dropping(True), Dropping(), DroppingInTraining()],
    ids=["layer", "always", "in training", "if training"],
)
def test_a_dropout_that_nobody_asked_for_is_found(found: nn.Module) -> None:
    """In whatever mode it was left, and though evaluation gives what is expected; one that drops nothing is none."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(found), nn.Linear(3, 2), input_shape=(3,))
    assert [one.code for one in caught.value.findings] == ["dropout_unasked"]
    for right in (nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.0)), Dropping(False)):
        assert_same_computation(proxy(right), nn.Linear(3, 2), input_shape=(3,))


def test_a_reference_may_drop_in_training_alone() -> None:
    """What it then drops is judged by itself, however it is written."""
    for found in (DroppingInTraining(), Dropping(), nn.Sequential(nn.Linear(3, 2), nn.Dropout())):
        assert_same_computation(proxy(found), DroppingInTraining(), input_shape=(3,))


class Cut(nn.Module):
    """Two linear layers, and a forward that may cut the way back to them."""

    def __init__(self, forward: Callable[[Cut, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.first, self.second, self.run = nn.Linear(3, 4), nn.Linear(4, 2), forward

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.run(self, x)


def two_layers() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))


def without_gradients(model: Cut, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model.second(model.first(x))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("forward", "names"),
    [
        (without_gradients, "first.bias, first.weight, second.bias, second.weight"),
        (lambda m, x: m.second(m.first(x).detach()), "first.bias, first.weight"),
        (lambda m, x: m.second(m.first(x)).data, "first.bias, first.weight, second.bias, second.weight"),
        (lambda m, x: F.linear(m.first(x), m.second.weight.data, m.second.bias), "second.weight"),
    ],
    ids=["no_grad", "detach", "data", "one weight"],
)
def test_a_model_that_cannot_learn_is_wrong(forward: Callable[[Cut, torch.Tensor], torch.Tensor], names: str) -> None:
    """Where a check asks for that, though it gives the right numbers; what no gradient comes to is named."""
    assert_same_computation(proxy(Cut(forward)), two_layers(), input_shape=(3,))
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(Cut(forward)), two_layers(), input_shape=(3,), learns=True)
    assert [(one.code, one.found) for one in caught.value.findings] == [("parameters_cannot_learn", names)]


def test_what_is_frozen_is_what_should_be() -> None:
    """As in the reference, layer by layer."""
    frozen, loose = two_layers(), two_layers()
    frozen[0].requires_grad_(False)
    assert_same_computation(proxy(copy.deepcopy(frozen)), frozen, input_shape=(3,), learns=True)
    for found, reference, code in ((loose, frozen, "not_frozen"), (frozen, loose, "cannot_learn")):
        with pytest.raises(Verdict, match=f"parameters_{code}") as caught:
            assert_same_computation(proxy(copy.deepcopy(found)), reference, input_shape=(3,), learns=True)
        assert [one.found for one in caught.value.findings] == ["0.bias, 0.weight"]


def test_right_work_passes_under_every_seed() -> None:
    """Rounding and random weights never cost a right model its points: 100 seeds, summed in another order."""
    module = model(
        written(
            forward().replace(
                "self.fc1(x)", "(x.double() @ self.fc1.weight.double().T).float() + self.fc1.bias"
            )
        )
    )
    for seed in range(100):
        assert_same_computation(proxy(module, seed), mlp(), input_shape=(784,))


def test_wrong_work_fails_under_every_seed() -> None:
    """A missing activation is found and named whatever the draw: 100 seeds."""
    module = model(written(NO_FIRST_RELU))
    for seed in range(100):
        with pytest.raises(Verdict, match="activation_missing"):
            assert_same_computation(proxy(module, seed), mlp(), input_shape=(784,))


def test_what_only_large_numbers_show_is_seen() -> None:
    """ReLU6 is no ReLU, though they agree on every number up to six."""
    capped = nn.Sequential(*[nn.ReLU6() if isinstance(layer, nn.ReLU) else layer for layer in mlp()])
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(capped), mlp(), input_shape=(784,))
    assert [finding.code for finding in caught.value.findings] == ["activation_other"]


def test_a_matrix_may_be_kept_the_other_way_round() -> None:
    """A weight of (in, out) in ``x @ w + b`` is the same linear map, and its dropout is seen through it."""

    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.randn(784, 128))
            self.b = nn.Parameter(torch.zeros(128))
            self.w2 = nn.Parameter(torch.randn(128, 64))
            self.b2 = nn.Parameter(torch.zeros(64))
            self.out = nn.Linear(64, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.dropout(torch.relu(x @ self.w + self.b), 0.2, self.training)
            return F.log_softmax(self.out(torch.relu(x @ self.w2 + self.b2)), dim=1)

    assert_same_computation(proxy(Turned()), mlp(), input_shape=(784,))
    assert_same_dropout(proxy(Turned()), mlp(), input_shape=(784,))


@pytest.mark.parametrize(
    ("wrong", "reference", "shape", "code"),
    [
        (nn.LSTM(10, 20, 2), nn.LSTM(10, 20, 2, batch_first=True), (7, 10), "batch_first_differs"),
        (nn.MaxPool2d(2), nn.MaxPool2d(2, stride=1), (16, 32, 32), "pool_default_stride"),
        (nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(3, 16, 3), (3, 32, 32), "layer_setting"),
    ],
)
def test_a_layers_mistake_is_named(
    wrong: nn.Module, reference: nn.Module, shape: tuple[int, ...], code: str
) -> None:
    """Batch and time exchanged, a pooling's default stride; another shape where nothing explains it."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(wrong), reference, input_shape=shape)
    assert [finding.code for finding in caught.value.findings] == [code]


class Spread(nn.Module):
    """Its input, once more for every one of ``times``."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(x * number for number in range(1, self.times + 1))


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([nn.Conv2d(3, 64, 3, padding=1), nn.ReLU()], (3, 32, 32)),  # 250 KB a row
        ([nn.Linear(4, 2), nn.ReLU(), Spread(9)], (4,)),  # many tensors a pass
    ],
    ids=["large", "many"],
)
def test_what_does_not_fit_into_one_reply_comes_in_several(layers: list[nn.Module], shape: tuple[int, ...]) -> None:
    """A small model on many weights gives more than a frame holds, and is right all the same."""
    own = nn.Sequential(*copy.deepcopy(layers))
    found = proxy(own)
    assert_same_computation(found, nn.Sequential(*layers), input_shape=shape)
    assert isinstance(found.peer, Here)
    asked = [one for one in found.peer.asked if isinstance(one, Compute)]
    assert len(asked) > 1
    assert sum(len(one.passes) for one in asked) == 27


def test_a_reference_may_insist_on_its_size() -> None:
    """A model that fails on a check's input is looked at on a larger one, which the author's reference may refuse."""

    class Insisting(nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape[-1] != 8:
                raise ValueError
            return super().forward(x)

    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(nn.Conv2d(1, 2, 9)), Insisting(1, 2, 3), input_shape=(1, 8, 8))
    assert [one.code for one in caught.value.findings] == ["forward_raised"]


def test_what_type_the_parameters_are_of_is_told() -> None:
    """Beside the one that layers have."""
    with pytest.raises(Verdict) as caught:
        assert_same_computation(proxy(mlp().half()), mlp(), input_shape=(784,))
    (finding,) = caught.value.findings
    assert (finding.expected, finding.found) == ("float32", "float16")
    assert finding.facts == {"name": "model"}
