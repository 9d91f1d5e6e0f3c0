"""What a student's code raises is explained beside the error, or not at all."""

from __future__ import annotations

import pytest

from autograder.evidence.surroundings import Surroundings
from autograder.messages import DIAGNOSES, catalogue
from autograder.results import Finding
from autograder.slips import RULES, explained
from tests.slips.cells import reason

MODEL = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(self.fc1(x))

model = Model()
"""
GIVEN = """
x = torch.ones(2, 8)
images = torch.ones(2, 3, 8, 8)
scores = torch.ones(4, 3)
classes = torch.arange(4) % 3
"""


def changed(old: str, new: str) -> str:
    assert old in MODEL
    return MODEL.replace(old, new)


# The cell → the explanation's code, and facts that it must hold.
CELLS: dict[str, tuple[str, str, dict[str, object]]] = {
    "sizes": ("nn.Linear(9, 4)(x)", "layers_do_not_meet", {"given": 8, "wanted": 9}),
    "own product": ("x @ torch.ones(9, 4)", "layers_do_not_meet", {"given": 8, "wanted": 9}),
    "recurrent": ("nn.LSTM(9, 4)(x)", "layers_do_not_meet", {"given": 8, "wanted": 9}),
    "channels": ("nn.Conv2d(16, 4, 3)(images)", "channels_do_not_meet", {"given": 3, "wanted": 16, "out": 4}),
    "batch norm": ("nn.BatchNorm2d(5)(images)", "norm_does_not_meet", {"given": "3", "wanted": "5"}),
    "layer norm": ("nn.LayerNorm(5)(x)", "norm_does_not_meet", {"wanted": "5"}),
    "flat image": ("nn.Conv2d(3, 4, 3)(x)", "wrong_number_of_input_dimensions", {"wanted": "3, 4"}),
    "flat pool": ("nn.MaxPool2d(2)(x)", "wrong_number_of_input_dimensions", {"wanted": "3, 4"}),
    "image to lstm": ("nn.LSTM(8, 4)(images)", "wrong_number_of_input_dimensions", {"wanted": "2, 3"}),
    "kernel too large": ("nn.Conv2d(3, 4, 11)(images)", "window_larger_than_input", {"size": "8 x 8"}),
    "line too short": ("nn.Conv1d(3, 4, 11)(images[0, 0, :3])", "window_larger_than_input", {"size": "8"}),
    "pool too large": ("nn.MaxPool2d(20)(images)", "window_larger_than_input", {"size": "8 x 8"}),
    "elementwise": ("x + torch.ones(2, 7)", "sizes_do_not_meet", {"first": 8, "second": 7, "dimension": 1}),
    "view": ("x.view(3, 5)", "view_does_not_fit", {"shape": "(3, 5)", "size": 16}),
    "dim of classes": ("torch.softmax(x, dim=8)", "dimension_out_of_range", {"number": 8, "low": -2, "high": 1}),
    "softmax without dim": ("torch.softmax(x)", "softmax_without_dim", {"function": "softmax"}),
    "log-softmax without dim": ("x.log_softmax()", "softmax_without_dim", {"function": "log_softmax"}),
    "whole numbers": ("nn.Linear(8, 4)(x.long())", "dtypes_do_not_meet", {"given": "Long", "wanted": "Float"}),
    "whole pixels": ("nn.Conv2d(3, 4, 3)(images.long())", "dtypes_do_not_meet", {}),
    "tuple": ("nn.Linear(4, 2)(nn.LSTM(8, 4)(x))", "tuple_taken_for_tensor", {"function": "linear"}),
    "tuple's shape": ("nn.LSTM(8, 4)(x).shape", "tuple_taken_for_tensor", {"function": "shape"}),
    "none": ("nn.Linear(8, 4)(print())", "none_taken_for_tensor", {"function": "linear"}),
    "layer": ("torch.relu(nn.Linear(8, 4))", "layer_taken_for_tensor", {"layer": "Linear"}),
    "relu of the input": ("nn.Linear(8, 4)(nn.ReLU(x))", "layer_taken_for_tensor", {"layer": "ReLU"}),
    "half a size": ("nn.Linear(8 / 2, 4)", "size_is_decimal", {}),
    "per cent": ("nn.Dropout(20)", "probability_out_of_range", {"number": "20"}),
    "decimal classes": ("nn.CrossEntropyLoss()(scores, classes.float())", "classes_as_decimals", {"given": "Float"}),
    "one-hot": ("nn.CrossEntropyLoss()(scores, F.one_hot(classes))", "classes_as_rows", {}),
    "columns": ("nn.CrossEntropyLoss()(scores, classes.unsqueeze(1))", "classes_in_columns", {}),
    "batches": ("nn.CrossEntropyLoss()(scores, classes[:3])", "batches_do_not_meet", {"given": 4, "wanted": 3}),
    "class three": ("nn.CrossEntropyLoss()(scores, classes + 1)", "class_out_of_range", {"number": 3}),
    "loss swapped": ("nn.CrossEntropyLoss()(classes, scores)", "loss_arguments_swapped", {}),
    "classes in a loss": ("scores.argmax(1).float().mean().backward()", "loss_without_graph", {}),
    "word that is none": ("nn.Embedding(3, 4)(classes + 1)", "embedding_too_small", {}),
    "loss built": ("nn.CrossEntropyLoss(scores, classes)", "layer_built_with_values", {"layer": "CrossEntropyLoss"}),
    "tanh built": ("nn.Tanh(x)", "layer_built_with_values", {"layer": "Tanh"}),
    "softmax built": ("nn.Softmax(x)(x)", "layer_built_with_values", {"layer": "Softmax"}),
    "no parentheses": ("nn.Sequential(nn.ReLU)", "layer_without_parentheses", {"layer": "ReLU"}),
    "own class": (changed("model = Model()", "nn.Sequential(Model)"), "layer_without_parentheses", {"layer": "Model"}),
    "function": ("nn.Sequential(F.relu)", "function_in_sequential", {"function": "relu"}),
    "torch's function": ("nn.Sequential(torch.relu)", "function_in_sequential", {"function": "relu"}),
    "list": ("nn.Sequential([nn.ReLU()])", "list_in_sequential", {"found": "list"}),
    "lower case": ("nn.linear(8, 4)", "torch_name_misspelt", {"module": "torch.nn", "close": "Linear"}),
    "optimizer in lower case": ("torch.optim.adam([x])", "torch_name_misspelt", {"close": "Adam"}),
    "function in capitals": ("F.Relu(x)", "torch_name_misspelt", {"close": "relu"}),
    "method in capitals": ("x.Sigmoid()", "torch_name_misspelt", {"module": "Tensor", "close": "sigmoid"}),
    "letters exchanged": ("nn.Sequentail()", "torch_name_misspelt", {"close": "Sequential"}),
    "missing size": ("nn.Linear(8)", "argument_missing", {"function": "Linear", "argument": "out_features"}),
    "missing target": ("nn.MSELoss()(x)", "argument_missing", {"function": "MSELoss", "argument": "target"}),
    "misspelt argument": ("nn.Linear(8, out_feature=4)", "argument_misspelt", {"close": "out_features"}),
    "unknown argument": ("torch.optim.SGD([x], speed=1)", "argument_unknown", {"function": "SGD", "argument": "speed"}),
    "too many": (changed("Model()", "Model(8)"), "arguments_too_many", {"function": "Model", "takes": 0, "given": 1}),
    "class": (changed("Model()", "Model\nModel.parameters()"), "class_without_parentheses", {}),
    "optimizer of a model": (MODEL + "torch.optim.SGD(model, lr=1)", "optimizer_given_model", {"optimizer": "SGD"}),
    "method": (MODEL + "torch.optim.SGD(model.parameters, lr=1)", "method_not_called", {}),
    "no parameters": ("torch.optim.SGD(nn.ReLU().parameters())", "optimizer_without_parameters", {}),
    "tensor called": ("x(x)", "tensor_called", {}),
    "package called": ("F(x)", "package_called", {}),
    "no super": (changed("        super().__init__()\n", ""), "super_init_missing", {"what": "module"}),
    "slef": (changed("__init__(self)", "__init__(slef)"), "self_misspelt", {"argument": "slef"}),
    "no self in init": (changed("__init__(self)", "__init__()"), "self_missing", {"method": "__init__"}),
    "prose": ("This layer takes the largest value.", "prose_in_cell", {"line": 1}),
    "prose in Korean": ("창에서 가장 큰 값을 고릅니다", "prose_in_cell", {"line": 1}),
    "half typed": ("model = nn.Sequential(\n    nn.Linear(8, 4),", "code_half_typed", {}),
    "quotation mark": ("print('done)", "code_half_typed", {}),
    "indented": ("a = 1\n  b = 2", "indentation_wrong", {"line": 2}),
    "no block": ("for i in range(3):\nprint(i)", "indentation_wrong", {"line": 2}),
    "no colon": ("for i in range(3)\n    print(i)", "colon_missing", {"line": 1}),
    "typographic": ("print(“done”)", "character_not_python", {"character": "U+201C"}),
}  # fmt: skip
FORWARDS: dict[str, tuple[str, str, dict[str, object]]] = {
    "sizes": (changed("Linear(4, 2)", "Linear(5, 2)"), "layers_do_not_meet", {"given": 4, "wanted": 5}),
    "names": (changed("self.fc1(x)", "self.f1(x)"), "attribute_misspelt", {"name": "f1", "close": "fc1"}),
    "capitals": (changed("self.fc1(x)", "self.Fc1(x)"), "attribute_misspelt", {"close": "fc1"}),
    "never set": (changed("self.fc1(x)", "self.dropout(self.fc1(x))"), "attribute_never_set", {"name": "dropout"}),
    "no forward": (changed("forward", "backward"), "forward_missing", {"name": "Model"}),
    "forword": (changed("forward", "forword"), "forward_misspelt", {"method": "forword"}),
    "Forward": (changed("forward", "Forward"), "forward_misspelt", {"method": "Forward"}),
    "nested": (
        changed("    def forward(self, x):\n        return", "        def forward(self, x):\n            return"),
        "forward_nested",
        {"method": "__init__"},
    ),
    "no self": (changed("forward(self, x)", "forward(x)"), "self_missing", {"method": "forward"}),
    "no input": (changed("forward(self, x)", "forward(self)"), "forward_takes_no_input", {"name": "Model"}),
    "calls itself": (changed("self.fc2(self.fc1(x))", "self(x)"), "forward_calls_itself", {}),
    "calls itself with less": (changed("self.fc2(self.fc1(x))", "self(self.fc1(x))"), "forward_calls_itself", {}),
    "init": (changed("def __init__", "def _init_"), "init_misspelt", {"method": "_init_"}),
    "fixed batch": (changed("self.fc1(x)", "self.fc1(x.view(64, 8))"), "view_fixed_batch", {"found": 64}),
    "view": (changed("self.fc1(x)", "self.fc1(x.view(-1, 5))"), "view_does_not_fit", {}),
    "no flatten": (changed("Linear(8, 4)", "Linear(24, 4)"), "input_not_flattened", {"given": 8, "wanted": 24}),
    "misspelt local": (
        changed("self, x)", "self, inputs)").replace("fc1(x)", "fc1(inptus)"),
        "name_misspelt",
        {"close": "inputs"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_errors_of_a_cell(case: str) -> None:
    """Each error that a cell really raises has its explanation, with what it is about."""
    source, code, facts = CELLS[case]
    found = reason(GIVEN + source)
    if code in (
        "prose_in_cell",
        "indentation_wrong",
        "colon_missing",
        "character_not_python",
        "code_half_typed",
    ):
        found = reason(source)
    assert found is not None
    assert found.code == code
    assert facts.items() <= found.facts.items()


@pytest.mark.parametrize("case", FORWARDS)
def test_errors_of_a_forward_pass(case: str) -> None:
    """The same rules explain what a model raises when it is tried out."""
    source, code, facts = FORWARDS[case]
    inputs = "torch.ones(2, 3, 8)" if code == "input_not_flattened" else "torch.ones(2, 8)"
    found = reason(source, f"model({inputs})")
    assert found is not None
    assert found.code == code
    assert facts.items() <= found.facts.items()


@pytest.mark.parametrize(
    ("source", "others", "code", "facts"),
    [
        ("y = sample * 2", {}, "name_never_defined", {"name": "sample"}),
        ("y = sample * 2", {7: "sample = 1"}, "name_defined_later", {"name": "sample", "later": 7}),
        ("y = smaple * 2", {2: "sample = 1"}, "name_misspelt", {"close": "sample"}),
        ("y = Sample * 2", {2: "sample = 1"}, "name_misspelt", {"close": "sample"}),
        ("y = pritn(2)", {}, "name_misspelt", {"close": "print"}),
        ("y = np.ones(2)", {}, "import_missing", {"package": "numpy"}),
        ("y = fc2", {2: "fc1 = 1"}, "name_never_defined", {"name": "fc2"}),
        ("y = sampl", {2: "sample = 1\nsamples = 2"}, "name_never_defined", {}),
    ],
)
def test_names(source: str, others: dict[int, str], code: str, facts: dict[str, object]) -> None:
    """A name that is bound further down, close to one, a package's, or nowhere; a number's difference is none."""
    found = reason(source, others=others)
    assert found is not None
    assert found.code == code
    assert facts.items() <= found.facts.items()


@pytest.mark.parametrize(
    "source",
    [
        "1 / 0",
        "raise ValueError('mine')",
        "[][3]",
        "y = later\nlater = 1",
        "nn.Nothing()",
        "x = 3 +",
        "if True print(1)",
        "import nothing_of_this_name",
        "'a'.foo",
        "bool(torch.ones(3))",
        "torch.log_softmax(torch.arange(3), dim=0)",
        "for part in 5: pass",
        "class A: pass\nnn.Sequential(A())",
    ],
)
def test_what_has_no_one_explanation_stays_as_it_is(source: str) -> None:
    """An error that no rule is about, or that might mean several things, is shown alone."""
    assert reason(source) is None


def test_missing_facts_and_hostile_words_explain_nothing() -> None:
    """Any text may stand in an error, and any number of lines; nothing is raised, and nothing else is touched."""
    for message in (
        "",
        "\0",
        "name '" + "x" * 500,
        "(" * 5_000,
        "shape '[-, ]' is invalid for input of size 3",
    ):
        for name in {kind for one in RULES for kind in one.types.split()}:
            finding = Finding(
                "cell_raised", facts={"name": name, "message": message, "cell": 9, "line": 10**9}
            )
            assert explained([finding], Surroundings())[0] == finding
    other = Finding("wrong_shape", facts={"name": "x"})
    assert explained([other], Surroundings()) == (other,)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_explanation_is_a_diagnosis_with_its_words(language: str) -> None:
    """Each has a message in both languages that is given all it tells."""
    words = catalogue(language)
    for source, code, _ in CELLS.values():
        found = reason(source if code in ("prose_in_cell", "code_half_typed") else GIVEN + source)
        if found is not None:
            assert found.code in DIAGNOSES
            assert "…" not in words.text(found.code, **found.facts) + words.help(found.code, **found.facts)
