"""An answer that is missing, or of another type, is explained by its source where one explanation fits."""

from __future__ import annotations

import pytest

from autograder.results import Finding
from autograder.slips import explained
from tests.slips.cells import around

MODEL = """
class Model(nn.Module):
    def forward(self, x):
        x = torch.relu(x)
"""


def reason(finding: Finding, source: str) -> str | None:
    first, *rest = explained([finding], around(source))
    assert first == finding
    return rest[0].code if rest else None


def missing(name: str) -> Finding:
    return Finding("missing_name", facts={"name": name})


@pytest.mark.parametrize(
    ("name", "source", "code"),
    [
        ("linear_layer", "liner_layer = nn.Linear(1, 2)", "answer_misspelt"),
        ("CustomModel", "class customModel(nn.Module): pass", "answer_misspelt"),
        ("linear_layer", "other = nn.Linear(1, 2)", None),
        ("fc2", "fc1 = nn.Linear(1, 2)", None),
        ("CustomModel", "class Network(nn.Module): pass", "answer_misspelt"),
        ("CustomModel", "class A(nn.Module): pass\nclass B(nn.Module): pass", None),
        ("model", MODEL, "class_never_called"),
        ("model", MODEL + "net = Model()", None),
        ("model", "class A(nn.Module): pass\nclass B(nn.Module): pass", None),
        ("output", "layer = nn.ReLU()\nlayer(x)", "result_not_kept"),
        ("output", "layer = nn.ReLU()\nprint(layer(x).shape)", "result_not_kept"),
        ("output", "layer = nn.ReLU()\nprint(layer)", None),
        ("output", "layer = nn.ReLU()\nlayer(x)\nlayer(y)", None),
        ("output", "layer = nn.ReLU()\nlayer(output)", None),
        ("output", "layer = nn.ReLU()\nlayer(" + "-" * 900 + "x)", None),  # deeper than Python writes
    ],
)
def test_a_missing_name(name: str, source: str, code: str | None) -> None:
    """A name close to it, a class that was never called, a result that was not kept; several of one kind are none."""
    assert reason(missing(name), source) == code


@pytest.mark.parametrize(
    ("code", "found", "source", "expected"),
    [
        ("not_a_tensor", "nn.ReLU", "y = nn.ReLU()", "layer_for_output"),
        ("not_a_tensor", "nn.LeakyReLU", "y = nn.LeakyReLU(0.01)", "layer_for_output"),
        ("not_a_tensor", "nn.ReLU", "y = nn.ReLU(x)", "layer_built_with_values"),
        ("not_a_tensor", "nn.LeakyReLU", "y = nn.LeakyReLU(0.01, x)", "layer_built_with_values"),
        ("not_a_tensor", "nn.ReLU", "y = helper()", None),
        ("not_a_tensor", "nn.ReLU", "y, z = nn.ReLU(), 1", None),
        ("not_a_tensor", "tuple", "r = nn.LSTM(1, 2)\ny = r(x)", "states_with_output"),
        ("not_a_tensor", "tuple", "r = nn.Linear(1, 2)\ny = r(x), 1", None),
        ("not_a_tensor", "float", "y = 1.0", None),
        ("not_a_module", "class Model", "y = Model", "class_for_object"),
        ("not_an_optimizer", "class optim.SGD", "y = torch.optim.SGD", "class_for_object"),
        ("not_a_module", "Tensor", "y = nn.Linear(1, 2)(x)", "output_for_layer"),
        ("not_a_module", "str", "y = 'Model'", None),
        ("forward_returned_no_tensor", "NoneType", MODEL, "forward_without_return"),
        ("forward_returned_no_tensor", "NoneType", MODEL + "        return None", None),
        ("forward_returned_no_tensor", "NoneType", MODEL + MODEL.replace("Model", "Other"), None),
        ("forward_returned_no_tensor", "str", MODEL, None),
        ("values_differ", "nn.ReLU", "y = nn.ReLU()", None),
    ],
)
def test_an_answer_of_another_type(code: str, found: str, source: str, expected: str | None) -> None:
    """What was assigned says why; where the source does not, nothing is said."""
    assert reason(Finding(code, found=found, facts={"name": "y"}), source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("m = nn.Linear(1, 2)\ny = m(x)\nm = nn.Linear(1, 2)", "layer_made_anew"),
        ("m = nn.Linear(1, 2)\nm = nn.Linear(1, 3)\ny = m(x)", None),
        ("m = nn.Linear(1, 2)\nz = torch.rand(3, 1)\ny = m(z)", "input_of_its_own"),
        ("m = nn.Linear(1, 2)\ny = m(x)", None),
        ("m = nn.Linear(1, 2)\nn = nn.Linear(1, 2)\ny = n(x)", None),
    ],
)
def test_an_output_of_something_else(source: str, expected: str | None) -> None:
    """The layer's name was given away since, or the input is the student's own; else nothing is known."""
    for code in ("output_not_from_input", "output_not_evaluated"):
        assert reason(Finding(code, facts={"name": "y", "module": "m"}), source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("d = nn.Dropout(0.5)\nd.eval()\ny = d(x)", "computed_in_evaluation_mode"),
        ("d = nn.Dropout(0.5)\nd.eval()\nd.train()\ny = d(x)", None),
        ("d = nn.Dropout(0.5)\ny = d(x)\nd.eval()", None),
        ("d = nn.Dropout(0.0)\ny = d(x)", None),
    ],
)
def test_a_training_output_without_dropout(source: str, expected: str | None) -> None:
    """The last switch before the output decides; without one, nothing is known."""
    assert reason(Finding("train_output_not_dropped", facts={"name": "y"}), source) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("self.layers = [nn.Linear(8, 4)]", "parameter_missing"),
        ("self.layers = [nn.ReLU()]", None),
        ("self.layers = nn.ModuleList([nn.Linear(8, 4)])", None),
    ],
)
def test_layers_that_are_not_seen(line: str, expected: str | None) -> None:
    """A plain list hides the layers in it; a list of PyTorch's own, or one without weights, does not."""
    source = f"class Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {line}"
    assert reason(Finding("parameters_differ"), source) == expected
    forward = f"class Model(nn.Module):\n    def forward(self, x):\n        {line}"
    assert reason(Finding("parameters_differ"), forward) == (
        "parameter_missing" if "Linear" in line else None
    )


def test_a_name_that_is_asked_for_as_well_is_no_slip() -> None:
    """``ce_loss`` is not ``mse_loss`` misspelt where the question wants both."""
    source = "mse_loss = nn.MSELoss()(a, b)"
    assert reason(missing("ce_loss"), source) == "answer_misspelt"
    given = explained([missing("ce_loss")], around(source, None, "ce_loss", "mse_loss"))
    assert given == (missing("ce_loss"),)
