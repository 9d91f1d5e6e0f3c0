"""The schema: what fits it survives a round trip, what does not is a ``MsgspecError``."""

from __future__ import annotations

import contextlib
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import messages
from autograder.wire.messages import (
    MAX_OUTPUT_BYTES,
    CellRan,
    Compute,
    Computed,
    Draw,
    Look,
    Pass,
    Passed,
    Push,
    Raised,
    Ready,
    Reply,
    Request,
    RunCell,
    Seen,
    Sent,
    Step,
)

ONE_PASS = Pass(Draw(seed=1, shape=(2,)), "eval", "live", 1)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_msgspec_error(data: bytes) -> None:
    """Noise is refused by both decoders in the one way that their callers expect."""
    for decode in (messages.decode_reply, messages.decode_request):
        with contextlib.suppress(msgspec.MsgspecError):
            decode(data)


nested = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
tags = st.sampled_from(
    ["ready", "ran", "seen", "fetched", "traced", "computed", "stepped", "raised"]
)
fields = sorted({field for kind in get_args(Reply) for field in kind.__struct_fields__})


@settings(deadline=None)
@given(tags, st.dictionaries(st.sampled_from(fields), nested, max_size=6))
def test_fields_of_the_wrong_kind_are_refused(tag: str, values: dict[str, object]) -> None:
    """Well-formed msgpack with known names and wrong values is a reply or a ``MsgspecError``."""
    try:
        reply = messages.decode_reply(msgspec.msgpack.encode({"type": tag, **values}))
    except msgspec.MsgspecError:
        return
    assert isinstance(reply, get_args(Reply))


@pytest.mark.parametrize(
    "reply",
    [
        Raised("x" * 201, ""),
        Raised("", "x" * 4_001),
        Raised("", "", cell=-1),
        CellRan("x" * (MAX_OUTPUT_BYTES + 1), False, 0, ()),
        CellRan("", False, 0, ("x",) * 2_001),
        CellRan("", False, 2**31 + 1, ()),
        Seen("other", classes=("x",) * 65),
        Seen("nothing"),  # type: ignore[arg-type]
        Computed((Passed(),) * 257),
        Computed((Passed(outputs=17),)),
    ],
    ids=str,
)
def test_everything_has_a_cap(reply: Reply) -> None:
    """One more than the schema allows is refused where it is read."""
    with pytest.raises(msgspec.ValidationError):
        messages.decode_reply(messages.encode(reply))


def test_what_is_no_part_of_a_message_is_refused() -> None:
    """A field that the schema does not know hides nothing: it is an error."""
    data = msgspec.msgpack.encode({"type": "seen", "kind": "other", "note": "hello"})
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        messages.decode_reply(data)


@pytest.mark.parametrize(
    "request_",
    [RunCell(1, "x = '한'", 9), Look("x"), Compute("m", "float32", (), (ONE_PASS,))],
    ids=str,
)
def test_requests_survive_the_way(request_: Request) -> None:
    """What is encoded is decoded to the same."""
    assert messages.decode_request(messages.encode(request_)) == request_


def test_every_recipe_in_a_request_is_found() -> None:
    """Of weights, inputs, earlier inputs and gradients, however deep; what travels as it is is none."""
    a, b, c, d, e = (Draw(seed=seed, shape=(2,)) for seed in range(5))
    one = Pass(b, "train", "live", 1, push=(Push(0, c), Push(1, Sent(0))), after=d)
    computed = Compute("m", "float32", (Push(0, a),), (one, ONE_PASS))
    assert list(messages.recipes(computed)) == [a, b, c, d, ONE_PASS.inputs]
    assert list(messages.recipes(Step("o", "m", (Push(0, a),), ((b, c), (d, e))))) == [a, b, c, d, e]
    assert list(messages.recipes(Look("x"))) == []


@pytest.mark.parametrize(
    ("request_", "reply", "fits"),
    [
        (None, Ready((), ()), True),
        (None, Raised("", ""), False),
        (Look("x"), Ready((), ()), False),
        (Look("x"), Seen("other"), True),
        (Look("x"), Raised("", ""), True),
        (Look("x"), CellRan("", False, 0, ()), False),
        (Compute("m", "float32", (), (ONE_PASS,)), Computed((Passed(),)), True),
        (Compute("m", "float32", (), (ONE_PASS,)), Computed(()), False),
    ],
)
def test_a_request_has_its_own_kind_of_reply(request_: Request | None, reply: Reply, fits: bool) -> None:
    """Any request may be answered by an error, and by one other kind."""
    assert messages.answers(request_, reply) is fits


def test_every_request_has_a_reply() -> None:
    """A new request cannot be forgotten in the table."""
    assert set(get_args(Request)) <= set(messages._ANSWERS)
