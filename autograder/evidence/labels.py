"""Operations in a few words, as one would write the layer: ``Linear(784, 128)``, ``Dropout(p=0.2)``, ``+``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.evidence.graphs import Graph, Shape, settings_of, weights_of
from autograder.wire.messages import Performed, Setting
from autograder.wire.terms import TERMS

MAX_CHARACTERS = 60
_NAMES = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "celu": "CELU",
    "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh", "logsigmoid": "LogSigmoid",
    "softplus": "Softplus", "softsign": "Softsign", "tanhshrink": "Tanhshrink", "hardshrink": "Hardshrink",
    "softshrink": "Softshrink", "hardsigmoid": "Hardsigmoid", "hardswish": "Hardswish", "hardtanh": "Hardtanh",
    "threshold": "Threshold", "prelu": "PReLU", "softmax": "Softmax", "log_softmax": "LogSoftmax",
    "softmin": "Softmin", "dropout": "Dropout", "dropout1d": "Dropout1d", "dropout2d": "Dropout2d",
    "dropout3d": "Dropout3d", "alpha_dropout": "AlphaDropout", "feature_alpha_dropout": "FeatureAlphaDropout",
    "linear": "Linear", "lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN", "rnn_relu": "RNN",
    "batch_norm": "BatchNorm", "layer_norm": "LayerNorm", "group_norm": "GroupNorm", "instance_norm": "InstanceNorm",
    "add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "neg": "-",
}  # fmt: skip
_USUAL_EPS = 1e-5
AFFINE = {"batch_norm": "affine", "group_norm": "affine", "layer_norm": "elementwise_affine"}  # True if left out
_USUAL_RECURRENT: dict[str, Setting] = {"num_layers": 1, "bidirectional": False, "batch_first": False}
_CONVOLUTION: dict[str, Setting] = {
    "bias": None,  # told by the weights
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "groups": 1,
    "output_padding": 0,
}
_POOLING: dict[str, Setting] = {
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "count_include_pad": True,
    "divisor_override": None,
}


def label(graph: Graph, place: int) -> str:
    """The operation at ``place``, in at most ``MAX_CHARACTERS``."""
    operation = graph.operations[place]
    for prefix, write in _WRITERS.items():
        if operation.term.startswith(prefix):
            return write(graph, operation)[:MAX_CHARACTERS]
    name = _NAMES.get(operation.term, operation.term.removeprefix("torch.").removeprefix("nn.functional."))
    if operation.term in ("add", "sub", "mul", "div", "matmul", "neg"):
        before, behind = (operation.settings.get(side) for side in ("input", "other"))
        return " ".join(_short(part) for part in (before, name, behind) if part is not None)
    if operation.term == "getitem":
        return f"[{operation.settings.get('index')}]"
    known = TERMS.get(operation.term)
    return _called(name, [], _unusual(operation, dict(known.defaults) if known else {}))


def setting_text(name: str, value: Setting) -> str:
    """A setting as an argument: ``stride=2``, ``padding=(1, 2)``."""
    return f"{name}={_short(value)}"


def _linear(graph: Graph, operation: Performed) -> str:
    shapes = _shapes(graph, operation)
    out, into = (*shapes.get("weight", ()), 0, 0)[:2]
    return _called("Linear", [into, out], _bias(shapes))


def _embedding(graph: Graph, operation: Performed) -> str:
    sizes = _shapes(graph, operation).get("weight", ())
    return _called("Embedding", sizes, _unusual(operation, {"max_norm": None, "norm_type": 2.0}))


def _convolution(graph: Graph, operation: Performed) -> str:
    shapes = _shapes(graph, operation)
    weight = shapes.get("weight", ())
    settings = settings_of(operation)
    groups = settings.get("groups", 1)
    turned = "transpose" in operation.term
    first, second = (*weight[:2], 0, 0)[:2]
    count = groups if isinstance(groups, int) else 1
    into, out = (first, second * count) if turned else (second * count, first)
    name = "ConvTranspose" if turned else "Conv"
    kernel = setting_text("kernel_size", tuple(weight[2:]))
    return _called(
        f"{name}{operation.term[-2:]}",
        [into, out],
        [kernel, *_unusual(operation, _CONVOLUTION), *_bias(shapes)],
    )


def _pooling(graph: Graph, operation: Performed) -> str:
    settings = settings_of(operation)
    name = "".join(part.capitalize() for part in operation.term[:-2].split("_")) + operation.term[-2:]
    if "output_size" in settings:
        return _called(name, [_short(settings["output_size"])], [])
    stride = settings.get("stride")
    moves = [] if stride == settings.get("kernel_size") else [setting_text("stride", stride)]
    hidden = {"kernel_size": settings.get("kernel_size"), "stride": stride, **_POOLING}
    return _called(name, [_short(settings.get("kernel_size"))], [*moves, *_unusual(operation, hidden)])


def _recurrent(graph: Graph, operation: Performed) -> str:
    shapes = _shapes(graph, operation)
    weight, hidden = shapes.get("params[0]", (0, 0)), shapes.get("params[1]", (0, 0))
    sizes = [weight[-1] if weight else 0, hidden[-1] if hidden else 0]
    unseen = {"has_biases": True, "dropout": 0.0, "train": settings_of(operation).get("train")}
    return _called(_NAMES[operation.term], sizes, _unusual(operation, _USUAL_RECURRENT | unseen))


def _normalised(graph: Graph, operation: Performed) -> str:
    shapes = _shapes(graph, operation)
    size = operation.settings.get("normalized_shape") or shapes.get("weight") or ("…",)
    name = _NAMES[operation.term]
    usual = "weight" in shapes or operation.term not in AFFINE
    settings = [] if usual else [setting_text(AFFINE[operation.term], False)]
    if operation.term in ("batch_norm", "instance_norm") and operation.shapes:
        name += f"{max(len(operation.shapes[0]) - 2, 1)}d"
        size = operation.shapes[0][1:2]
    if (eps := operation.settings.get("eps", _USUAL_EPS)) != _USUAL_EPS:
        settings.append(setting_text("eps", eps))
    return _called(name, [_short(size if isinstance(size, tuple) else (size,))], settings)


def _dropped(graph: Graph, operation: Performed) -> str:
    return _called(_NAMES[operation.term], [], [setting_text("p", settings_of(operation).get("p"))])


def _reshaped(graph: Graph, operation: Performed) -> str:
    return f"reshape{operation.shapes[0][1:] if operation.shapes else ()}"


def _permuted(graph: Graph, operation: Performed) -> str:
    return f"permute{operation.settings.get('dims')}"


_WRITERS: dict[str, Callable[[Graph, Performed], str]] = {
    "linear": _linear,
    "embedding": _embedding,
    "conv": _convolution,
    **dict.fromkeys(("max_pool", "avg_pool", "adaptive"), _pooling),
    **dict.fromkeys(("lstm", "gru", "rnn_"), _recurrent),
    **dict.fromkeys(("batch_norm", "layer_norm", "group_norm", "instance_norm"), _normalised),
    **dict.fromkeys(("dropout", "alpha_dropout", "feature_alpha_dropout"), _dropped),
    "reshape": _reshaped,
    "permute": _permuted,
}


def _shapes(graph: Graph, operation: Performed) -> dict[str, Shape]:
    return {role: shape for role, (_, shape) in weights_of(graph, operation).items()}


def _bias(shapes: dict[str, Shape]) -> list[str]:
    return [] if "bias" in shapes else ["bias=False"]


def _unusual(operation: Performed, usual: dict[str, Setting]) -> list[str]:
    """The settings that are not what they are if nobody mentions them."""
    settings = settings_of(operation)
    return [
        setting_text(name, value)
        for name, value in settings.items()
        if name not in usual or _short(usual[name]) != _short(value)
    ]


def _called(name: str, values: Sequence[object], settings: list[str]) -> str:
    arguments = ", ".join([*(str(value) for value in values), *settings])
    return f"{name}({arguments})" if arguments else name


def _short(value: object) -> str:
    """``(2, 2)`` as ``2``, other values as they are written."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return str(value[0])
    return f"{value:g}" if isinstance(value, float) else str(value)
