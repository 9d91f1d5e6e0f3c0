"""What there is in torch beside what an answer uses: its nearest relatives, and settings it leaves at their default.

Names are resolved by the imports of the notebook, and looked up in torch itself.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping

from torch.nn.modules.rnn import RNNBase

from autograder.mutation.written import Change, Edit, Written

# What is taken for one another: classes of torch.nn and torch.optim, then functions and methods. Of one family each
# takes the place of every other, where torch has it in the same place.
_FAMILIES = [
    family.split()
    for family in (
        "ReLU LeakyReLU Sigmoid Tanh GELU ReLU6 Identity",
        "Softmax LogSoftmax Softmin",
        "Dropout Dropout1d AlphaDropout",
        "Dropout2d Dropout",
        "Conv2d ConvTranspose2d",
        "MaxPool2d AvgPool2d",
        "AdaptiveAvgPool2d AdaptiveMaxPool2d",
        "BatchNorm2d InstanceNorm2d",
        "LSTM GRU RNN",
        "MSELoss L1Loss SmoothL1Loss",
        "CrossEntropyLoss MultiMarginLoss",
        "SGD Adam AdamW RMSprop Adagrad",
        "relu leaky_relu sigmoid tanh gelu",
        "softmax log_softmax",
        "max_pool2d avg_pool2d",
        "adaptive_avg_pool2d adaptive_max_pool2d",
        "mse_loss l1_loss",
        "mean sum amax",
        "train eval",
    )
]
_RELATIVES = {
    name: [other for family in _FAMILIES if name in family for other in family if other != name]
    for family in _FAMILIES
    for name in family
}

# How something is computed and where, or a guard against dividing by zero; none of these is an answer's meaning.
_NO_MEANING = frozenset(
    "inplace device dtype foreach capturable differentiable fused eps size_average reduce".split()
)
_OTHER_WORDS = {"mean": "sum", "zeros": "reflect", "tanh": "relu"}  # of settings that are words


def imported(sources: Iterable[str]) -> dict[str, str]:
    """The names that ``sources`` import, and what of torch they stand for: ``nn`` → ``torch.nn``."""
    names: dict[str, str] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = alias.name if alias.asname else alias.name.partition(".")[0]
                    names[alias.asname or whole] = whole
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return {name: whole for name, whole in names.items() if whole.partition(".")[0] == "torch"}


def named(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """What of torch the expression stands for: ``nn.Linear`` → ``torch.nn.Linear``; None if nothing."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attribute):
            whole = named(value, names)
            return f"{whole}.{attribute}" if whole else None
    return None


def relatives(written: Written, names: Mapping[str, str]) -> Iterator[Change]:
    """Each part of torch, and each method of its tensors and modules, by its relatives."""
    for node in written.nodes():
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        whole = named(node, names)
        if whole is None and not (_is_called(written, node) and not is_self(node.value)):
            continue
        for other in _RELATIVES.get(node.attr, ()):
            if whole is None or hasattr(_found(whole.rpartition(".")[0]), other):
                end = written.end(node)
                edit = Edit(end - len(node.attr.encode()), end, other)
                yield Change("a related part", (edit,))


def settings(written: Written, names: Mapping[str, str]) -> Iterator[Change]:
    """Each setting that a call leaves at its default, set to something else."""
    for node in written.nodes():
        if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
            continue
        whole = named(node.func, names)
        given = {keyword.arg for keyword in node.keywords}
        for place, parameter in enumerate(_parameters(whole) if whole else ()):
            if place < len(node.args) or parameter.name in given | _NO_MEANING:
                continue
            other = _other(parameter.default)
            if other is not None and parameter.kind is not inspect.Parameter.POSITIONAL_ONLY:
                yield Change("a setting of its own", (_argument(written, node, f"{parameter.name}={other}"),))


def _argument(written: Written, node: ast.Call, text: str) -> Edit:
    """``text`` as one more argument of the call, behind the others."""
    behind = written.last_end([*node.args, *node.keywords])
    if behind is None:
        closing = written.end(node) - 1
        return Edit(closing, closing, text)
    return Edit(behind, behind, f", {text}")


def _parameters(whole: str) -> list[inspect.Parameter]:
    """What a part of torch takes, in order, ``self`` and the like left out; nothing for what is written in C."""
    found = _found(whole)
    if inspect.isclass(found) and issubclass(
        found, RNNBase
    ):  # takes *args: its settings stand in the class above
        return [one for one in _signature(RNNBase) if one.name not in ("mode", "proj_size")]
    return _signature(found)


def _signature(found: object) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(found).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []


def _other(default: object) -> str | None:
    match default:
        case bool():
            return str(not default)
        case int():
            return str(default + 1)
        case float():
            return repr(default * 10) if 0 < default < 0.1 else repr(default / 2 if default else 0.1)
        case str():
            word = _OTHER_WORDS.get(default)
            return repr(word) if word else None
        case _:
            return None


def _found(whole: str) -> object:
    module, _, rest = whole.partition(".")
    found: object = importlib.import_module(module)
    for name in rest.split(".") if rest else ():
        found = getattr(found, name, None)
    return found


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_called(written: Written, node: ast.Attribute) -> bool:
    parent = written.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node
