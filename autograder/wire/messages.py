"""The schema of every message. One request has one reply; a runner speaks only when asked.

Requests carry names, shapes and recipes, never an expected value. Replies are a runner's word:
caps on every string and list are part of the schema, and decoding refuses anything beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]
Source = Annotated[str, Meta(max_length=800_000)]
MAX_OUTPUT_BYTES = 512 << 10  # a cell's text, well inside one frame
Output = Annotated[str, Meta(max_length=MAX_OUTPUT_BYTES)]
Dimension = Annotated[int, Meta(ge=0, le=1 << 24)]
Shape = Annotated[tuple[Dimension, ...], Meta(max_length=8)]
Count = Annotated[int, Meta(ge=0, le=1 << 31)]
MAX_TENSORS = 256
MAX_OPERATIONS = 1_000
Dtype = Literal[
    "float64", "float32", "float16", "bfloat16", "complex128", "complex64",
    "int64", "int32", "int16", "int8", "uint8", "bool", "other", "uninitialized",
]  # fmt: skip
DTYPES: tuple[str, ...] = get_args(Dtype)


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    """What every part of a message is: fixed once made, and refused with a field that is not its own."""


class Draw(Message, frozen=True, tag="draw"):
    """A recipe both sides draw alike: uniform in [low, high), ``shape`` repeated ``rows`` times.

    ``rows`` 0 means no batch dimension is added: the shape is drawn as it stands. With ``below`` they are whole numbers
    (int64) from 0 to ``below`` - 1 instead.
    """

    seed: Count
    shape: Shape
    low: float = -1.0
    high: float = 1.0
    rows: Count = 0
    below: Count = 0


class Sent(Message, frozen=True, tag="sent"):
    """A tensor that travels in the frame's blob, at this place."""

    place: Annotated[int, Meta(ge=0, lt=MAX_TENSORS)]


Numbers = Draw | Sent


class Column(Message, frozen=True):
    """A column (index along dimension 1) that is kept, and the factor it is multiplied by."""

    index: Count
    factor: float


class Push(Message, frozen=True):
    """Numbers to load into a parameter; with ``columns``, every other column is zeroed.

    ``transposed``: the parameter holds the matrix of the numbers the other way round.
    """

    parameter: Count
    numbers: Numbers
    columns: tuple[Column, ...] | None = None
    transposed: bool = False


class Pass(Message, frozen=True):
    """One forward pass. ``dropout="off"`` turns every dropout operation into the identity.

    ``after``: what the module is given in training mode before it, so that what it remembers of that is seen.
    ``learning``: say as well which parameters a gradient of the outputs comes to.
    """

    inputs: Numbers
    mode: Literal["train", "eval"]
    dropout: Literal["live", "off"]
    seed: Count
    push: tuple[Push, ...] = ()
    gradients: bool = False
    after: Draw | None = None
    learning: bool = False


Setting = bool | int | float | Annotated[str, Meta(max_length=300)] | None | tuple[int, ...]
Operand = int | tuple[int, ...]  # values by number; see recording


class Performed(Message, frozen=True):
    """One operation of a pass: its term, the values it took and gave, and its settings by name."""

    term: Name
    operands: Annotated[dict[Name, Operand], Meta(max_length=16)]
    settings: Annotated[dict[Name, Setting], Meta(max_length=16)]
    shapes: Annotated[tuple[Shape, ...], Meta(max_length=64)]


Operations = Annotated[tuple[Performed, ...], Meta(max_length=MAX_OPERATIONS)]


Result = Annotated[tuple[int, ...], Meta(max_length=16)]  # the values that came out of a pass


class RunCell(Message, frozen=True, tag="run"):
    """Run a cell's source as cell number ``cell``.

    Of what it prints, at most ``output_bytes`` and never more than ``MAX_OUTPUT_BYTES`` are kept.
    """

    cell: Count
    source: Source
    output_bytes: Count


class Look(Message, frozen=True, tag="look"):
    """What does this name stand for?"""

    name: Name


class Fetch(Message, frozen=True, tag="fetch"):
    """The numbers of the tensor with this name."""

    name: Name


class Trace(Message, frozen=True, tag="trace"):
    """One forward pass of the module: its graph, and which parameters it uses in which order."""

    name: Name
    inputs: Numbers
    dtype: Name
    mode: Literal["train", "eval"] = "eval"


class Compute(Message, frozen=True, tag="compute"):
    """Forward passes of the module on pushed weights; nothing of it remains afterwards."""

    name: Name
    dtype: Name
    push: tuple[Push, ...]
    passes: Annotated[tuple[Pass, ...], Meta(max_length=MAX_TENSORS)]


class Step(Message, frozen=True, tag="step"):
    """Optimizer steps on the module's parameters, from pushed numbers; nothing of it remains afterwards.

    Each of ``gradients`` is one step: a recipe for every pushed parameter's gradient.
    """

    name: Name
    module: Name
    push: tuple[Push, ...]
    gradients: Annotated[tuple[tuple[Draw, ...], ...], Meta(max_length=16)]


class Claim(Message, frozen=True):
    """A graph that a runner says its module has."""

    operations: Operations
    result: Result


class Replay(Message, frozen=True, tag="replay"):
    """Perform every graph on every pass, with these numbers as parameters; asked of a runner without a student."""

    claims: Annotated[tuple[Claim, ...], Meta(max_length=16)]
    dtype: Name
    push: tuple[Push, ...]
    passes: Annotated[tuple[Pass, ...], Meta(max_length=16)]


Request = RunCell | Look | Fetch | Trace | Compute | Step | Replay


class Ready(Message, frozen=True, tag="ready"):
    """Sent once, by our own code, after confinement and before any student code is read."""

    layers: Annotated[tuple[Name, ...], Meta(max_length=8)]
    problems: Annotated[tuple[Text, ...], Meta(max_length=8)]


class Raised(Message, frozen=True, tag="raised"):
    """Student code raised. ``cell`` and ``line`` count from 1; 0 where unknown."""

    name: Name
    message: Text
    cell: Count = 0
    line: Count = 0


# What a cell did that cannot be done here; each is the code of a remark.
Habit = Literal[
    "input_called", "colab_skipped", "cuda_replaced", "workers_replaced", "compile_skipped", "network_used"
]  # fmt: skip


class CellRan(Message, frozen=True, tag="ran"):
    """``assigned``: the names that stand for another object than before the cell. ``seconds``: as the runner has it."""

    output: Output
    truncated: bool
    skipped_commands: Count
    assigned: Annotated[tuple[Name, ...], Meta(max_length=2_000)]
    error: Raised | None = None
    habits: Annotated[tuple[Habit, ...], Meta(max_length=8)] = ()
    seconds: float = 0.0


class TensorFacts(Message, frozen=True):
    shape: Shape
    dtype: Name
    layout: Name


class ParameterFacts(Message, frozen=True):
    """A parameter, or a buffer that holds numbers; ``uninitialized`` is one of no size yet, as of ``nn.LazyLinear``.

    ``order``: when it was first used in a traced pass, from 0; -1: not, or not traced. ``frozen``: a parameter that
    does not learn.
    """

    name: Name
    shape: Shape
    dtype: Dtype
    order: Annotated[int, Meta(ge=-1, le=1 << 20)] = -1
    buffer: bool = False
    frozen: bool = False


Parameters = Annotated[tuple[ParameterFacts, ...], Meta(max_length=2_000)]


class Seen(Message, frozen=True, tag="seen"):
    """``kind`` and the class names of the object's type, most derived first.

    ``settings`` are an optimizer's own, by name: those of its first group that are numbers.
    """

    kind: Literal["missing", "tensor", "module", "optimizer", "class", "other"]
    classes: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    tensor: TensorFacts | None = None
    parameters: Parameters = ()
    settings: Annotated[dict[Name, float], Meta(max_length=64)] = {}


class Fetched(Message, frozen=True, tag="fetched"):
    """The numbers are the blob's only tensor, unless ``problem`` says why there are none."""

    facts: TensorFacts
    problem: Text = ""


class Traced(Message, frozen=True, tag="traced"):
    """``operations`` are the pass's graph, and ``result`` the values that came out; () where there is none."""

    parameters: Parameters
    operations: Operations = ()
    result: Result = ()
    error: Raised | None = None


class Passed(Message, frozen=True):
    """What became of one pass: the blob's next ``outputs`` tensors (a tuple's in order), or an error.

    ``not_a_tensor`` names the type of what was returned, if that is no tensor but a tuple of some or something else.
    ``reached`` are the places of the parameters that learn, where that was asked.
    """

    outputs: Annotated[int, Meta(ge=0, le=16)] = 0
    error: Raised | None = None
    not_a_tensor: Name = ""
    reached: Annotated[tuple[Count, ...], Meta(max_length=2_000)] = ()


class Computed(Message, frozen=True, tag="computed"):
    passes: Annotated[tuple[Passed, ...], Meta(max_length=MAX_TENSORS)]


class Stepped(Message, frozen=True, tag="stepped"):
    """The blob holds the pushed parameters after the last step, in the order they were pushed."""

    outputs: Annotated[int, Meta(ge=0, le=MAX_TENSORS)] = 0
    error: Raised | None = None


Reply = Ready | CellRan | Seen | Fetched | Traced | Computed | Stepped | Raised

encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode

_ANSWERS: dict[type[Message] | None, type[Message]] = {
    None: Ready,  # nothing was asked: a runner's first word
    RunCell: CellRan,
    Look: Seen,
    Fetch: Fetched,
    Trace: Traced,
    Compute: Computed,
    Step: Stepped,
    Replay: Computed,
}


def recipes(part: object) -> Iterator[Draw]:
    """Every recipe in a message, or in a part of one."""
    if isinstance(part, Draw):
        yield part
    elif isinstance(part, Message):
        for field in part.__struct_fields__:
            yield from recipes(getattr(part, field))
    elif isinstance(part, tuple):
        for one in part:
            yield from recipes(one)


def answers(request: Request | None, reply: Reply) -> bool:
    """Whether this reply is of the kind that the request asks for, or says that student code raised."""
    if isinstance(request, Compute) and isinstance(reply, Computed):
        return len(reply.passes) == len(request.passes)
    if isinstance(request, Replay) and isinstance(reply, Computed):
        return len(reply.passes) == len(request.claims) * len(request.passes)
    if isinstance(reply, Raised):
        return request is not None
    return type(reply) is _ANSWERS.get(type(request) if request is not None else None)
