"""The normal form of a graph: one way to write what can be written in many.

Matrix products with a parameter become ``linear``; clamping at zero becomes ``relu``; a softmax made of exponentials
becomes ``softmax``; views, flattenings and squeezes become ``reshape`` or nothing, transpositions ``permute``; what
changes nothing and what nobody uses disappears. Settings are written out, dimensions counted from the front, and
operations stand in an order that depends on the graph alone, not on the order in which a program happened to run
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograder.evidence.arguments import from_the_front, limits, only, permutation, spread
from autograder.evidence.canonical_order import in_order
from autograder.evidence.graphs import (
    Graph,
    Shape,
    settings_of,
    with_operands,
    without_unused,
)
from autograder.wire.messages import Operand, Performed, Setting
from autograder.wire.recording import INPUT
from autograder.wire.terms import CONSTANT, DROPOUTS

_TENSORS = ("weight", "bias", "running_mean", "running_var")  # where there is none, nothing is said
_CLAMPS: dict[tuple[float | None, float | None], str] = {
    (0.0, None): "relu",
    (0.0, math.inf): "relu",
    (0.0, 6.0): "relu6",
}
_SPREAD = {  # settings that may be one number for every spatial dimension
    "conv": ("stride", "padding", "dilation", "output_padding"),
    "max_pool": ("kernel_size", "stride", "padding", "dilation"),
    "avg_pool": ("kernel_size", "stride", "padding"),
    "adaptive": ("output_size",),
}


def normal(graph: Graph, *, dropout: bool = True) -> Graph:
    """The graph in normal form; without ``dropout``, every dropout is left out.

    A dropout that is off, because it is told so or has p = 0, is kept as it was recorded: whether one is there is a
    question of its own.
    """
    writer = _Writer(graph, dropout)
    for operation in graph.operations:
        writer.add(operation)
    operations, result = without_unused(
        writer.operations, [writer.stands_for.get(value, value) for value in graph.result]
    )
    return in_order(Graph(tuple(operations), tuple(result), graph.parameters, graph.input_shape))


class _Writer:
    """Writes a graph's operations anew, one after the other.

    ``stands_for``: a value of the old graph → what it is in the new one.
    """

    def __init__(self, graph: Graph, dropout: bool) -> None:
        self.operations: list[Performed] = []
        self.stands_for: dict[int, int] = {}
        self._graph = graph
        self._dropout = dropout
        self._old = self._new = INPUT + 1
        self._made: dict[int, Performed] = {}  # value → what gave it
        self._shapes: dict[int, Shape] = {INPUT: graph.input_shape}
        self._rules: dict[str, Callable[[Performed], int | None]] = {
            "identity": self._same,
            **dict.fromkeys(("reshape", "flatten", "squeeze", "unsqueeze"), self._reshaped),
            **dict.fromkeys(("transpose", "t", "permute"), self._permuted),
            "matmul": self._product,
            "addmm": self._product_with_bias,
            "add": self._sum,
            "sub": self._difference,
            "mul": self._multiple,
            "div": self._quotient,
            "exp": self._exponential,
            "log": self._logarithm,
            **dict.fromkeys(("clamp", "clamp_min", "hardtanh", "threshold", "leaky_relu"), self._clamped),
            "maximum": self._larger,
            "mean": self._averaged,
        }

    def add(self, operation: Performed) -> None:
        """Write one operation, or note what its output stands for."""
        first, self._old = self._old, self._old + len(operation.shapes)
        written = with_operands(operation, self.stands_for)
        if written.term in DROPOUTS and not self._dropout:
            self.stands_for[first] = self._value(written, "input")
            return
        rule = self._rules.get(written.term)
        value = rule(written) if rule and len(written.shapes) == 1 else None
        if value is None:
            value = self._write(self._with_settings(written))
        for offset in range(len(operation.shapes)):
            self.stands_for[first + offset] = value + offset

    # What an operation takes

    def _value(self, operation: Performed, name: str) -> int:
        operand = operation.operands.get(name, INPUT)
        return operand if isinstance(operand, int) else INPUT

    def _shape(self, value: int) -> Shape:
        return self._graph.shape(value) if value < 0 else self._shapes.get(value, ())

    def _maker(self, value: int, term: str) -> Performed | None:
        made = self._made.get(value)
        return made if made is not None and made.term == term else None

    def _number(self, operation: Performed, name: str) -> float | None:
        """An argument that is one number, written or as a constant tensor."""
        found: Setting = operation.settings.get(name)
        if name in operation.operands:
            constant = self._maker(self._value(operation, name), CONSTANT)
            found = constant.settings.get("value") if constant else None
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    # Writing

    def _write(self, operation: Performed) -> int:
        value = self._new
        self.operations.append(operation)
        for shape in operation.shapes:
            self._made[self._new] = operation
            self._shapes[self._new] = shape
            self._new += 1
        return value

    def _put(
        self, term: str, shape: Shape, settings: dict[str, Setting] | None = None, **operands: int
    ) -> int:
        named: dict[str, Operand] = dict(operands)
        return self._write(Performed(term, named, settings or {}, (shape,)))

    def _with_settings(self, operation: Performed) -> Performed:
        settings = {
            name: value
            for name, value in settings_of(operation).items()
            if value is not None or name not in _TENSORS
        }
        term = operation.term
        dimensions = len(self._shape(self._value(operation, "input")))
        for family, names in _SPREAD.items():
            if term.startswith(family) and term[-2:-1].isdigit():
                settings |= {
                    name: spread(settings[name], int(term[-2])) for name in names if name in settings
                }
        if "kernel_size" in settings and settings.get("stride") in (None, ()):
            settings["stride"] = settings["kernel_size"]
        if term in ("softmax", "log_softmax", "softmin") and settings.get("dim") is None:
            settings["dim"] = 0 if dimensions in (0, 1, 3) else 1  # torch's rule where it is left out
        if "dim" in settings:
            settings["dim"] = from_the_front(settings["dim"], dimensions)
        return Performed(term, operation.operands, settings, operation.shapes)

    # Rules: the value that the operation's output is; None to write it as it stands

    def _same(self, operation: Performed) -> int | None:
        return self._value(operation, "input")

    def _reshaped(self, operation: Performed) -> int | None:
        value, shape = self._value(operation, "input"), operation.shapes[0]
        if before := self._maker(value, "reshape"):
            value = self._value(before, "input")
        if self._shape(value) == shape:
            return value
        return self._put("reshape", shape, {"shape": shape}, input=value)

    def _permuted(self, operation: Performed) -> int | None:
        value = self._value(operation, "input")
        count = len(self._shape(value))
        dims = permutation(operation, count)
        if dims is None:
            return None
        if before := self._maker(value, "permute"):
            inner = before.settings["dims"]
            assert isinstance(inner, tuple)
            value, dims = self._value(before, "input"), tuple(inner[dim] for dim in dims)
        if dims == tuple(range(count)):
            return value
        return self._put("permute", operation.shapes[0], {"dims": dims}, input=value)

    def _product(self, operation: Performed) -> int | None:
        first, second = self._value(operation, "input"), self._value(operation, "other")
        weight = self._weight(second)
        if weight is None or first < 0 or "other" not in operation.operands:
            return None
        return self._put("linear", operation.shapes[0], input=first, weight=weight)

    def _product_with_bias(self, operation: Performed) -> int | None:
        bias, first = self._value(operation, "input"), self._value(operation, "mat1")
        weight = self._weight(self._value(operation, "mat2"))
        if weight is None or first < 0 or bias >= 0:
            return None
        return self._put("linear", operation.shapes[0], input=first, weight=weight, bias=bias)

    def _weight(self, value: int) -> int | None:
        """The weight (out, in) of a linear map by this matrix (in, out), if it is a parameter's."""
        if turned := self._maker(value, "permute"):
            return place if (place := self._value(turned, "input")) < 0 else None
        if value >= 0 or len(shape := self._shape(value)) != 2:
            return None
        return self._put("permute", shape[::-1], {"dims": (1, 0)}, input=value)

    def _sum(self, operation: Performed) -> int | None:
        if self._number(operation, "other") == 0:
            return self._value(operation, "input")
        if "other" not in operation.operands or operation.settings.get("alpha", 1) != 1:
            return None
        first, second = self._value(operation, "input"), self._value(operation, "other")
        for layer, bias in ((first, second), (second, first)):
            linear = self._maker(layer, "linear")
            if (
                linear is not None
                and "bias" not in linear.operands
                and self._is_bias(bias, operation.shapes[0])
            ):
                operands = {**linear.operands, "bias": bias}
                return self._write(Performed("linear", operands, {}, operation.shapes))
        return None

    def _is_bias(self, value: int, output: Shape) -> bool:
        shape = self._shape(value)
        return value < 0 and bool(output) and math.prod(shape) == output[-1] and shape[-1:] == output[-1:]

    def _difference(self, operation: Performed) -> int | None:
        value, other = self._value(operation, "input"), self._value(operation, "other")
        total = self._maker(other, "logsumexp") if "other" in operation.operands else None
        if total is not None and self._value(total, "input") == value and total.settings.get("keepdim"):
            return self._put(
                "log_softmax", operation.shapes[0], {"dim": only(total.settings["dim"])}, input=value
            )
        return value if self._number(operation, "other") == 0 else None

    def _multiple(self, operation: Performed) -> int | None:
        return self._value(operation, "input") if self._number(operation, "other") == 1 else None

    def _quotient(self, operation: Performed) -> int | None:
        value = self._value(operation, "input")
        exponential = self._maker(value, "exp")
        total = self._maker(self._value(operation, "other"), "sum") if "other" in operation.operands else None
        if exponential and total and self._value(total, "input") == value and total.settings.get("keepdim"):
            settings: dict[str, Setting] = {"dim": only(total.settings["dim"])}
            return self._put(
                "softmax", operation.shapes[0], settings, input=self._value(exponential, "input")
            )
        if (squashed := self._squashed(operation)) is not None:
            return self._put("sigmoid", operation.shapes[0], input=squashed)
        return value if self._number(operation, "other") == 1 else None

    def _squashed(self, operation: Performed) -> int | None:
        """The ``x`` of ``1 / (1 + exp(-x))``."""
        total = self._maker(self._value(operation, "other"), "add") if "other" in operation.operands else None
        if total is None or self._number(operation, "input") != 1 or self._number(total, "other") != 1:
            return None
        exponential = self._maker(self._value(total, "input"), "exp")
        negative = self._maker(self._value(exponential, "input"), "neg") if exponential else None
        return self._value(negative, "input") if negative else None

    def _exponential(self, operation: Performed) -> int | None:
        return self._from(operation, "log_softmax", "softmax")

    def _logarithm(self, operation: Performed) -> int | None:
        return self._from(operation, "softmax", "log_softmax")

    def _from(self, operation: Performed, before: str, together: str) -> int | None:
        made = self._maker(self._value(operation, "input"), before)
        if made is None:
            return None
        return self._put(together, operation.shapes[0], dict(made.settings), input=self._value(made, "input"))

    def _clamped(self, operation: Performed) -> int | None:
        between = limits(operation, {name: self._number(operation, name) for name in ("min", "max")})
        term = _CLAMPS.get(between)
        if term is None:
            return None
        return self._put(term, operation.shapes[0], input=self._value(operation, "input"))

    def _larger(self, operation: Performed) -> int | None:
        first, second = self._value(operation, "input"), self._value(operation, "other")
        for value, other in ((first, second), (second, first)):
            constant = self._maker(other, CONSTANT)
            if constant is not None and constant.settings.get("value") == 0:
                return self._put("relu", operation.shapes[0], input=value)
        return None

    def _averaged(self, operation: Performed) -> int | None:
        """A mean over all rows and columns is an adaptive pooling to one."""
        value = self._value(operation, "input")
        shape = self._shape(value)
        dims = from_the_front(operation.settings.get("dim"), len(shape))
        spatial = len(shape) - 2
        if spatial not in (1, 2, 3) or sorted(dims if isinstance(dims, tuple) else (dims,), key=str) != list(
            range(2, len(shape))
        ):
            return None
        settings: dict[str, Setting] = {"output_size": (1,) * spatial}
        pooled = self._put(
            f"adaptive_avg_pool{spatial}d", (*shape[:2], *(1,) * spatial), settings, input=value
        )
        if operation.settings.get("keepdim"):
            return pooled
        return self._put("reshape", operation.shapes[0], {"shape": operation.shapes[0]}, input=pooled)
