"""Blobs: what is packed comes back, and no bytes raise anything but ``BadBlob``."""

from __future__ import annotations

import contextlib
import json
import struct
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.wire import tensors
from autograder.wire.messages import Column, Draw
from autograder.wire.tensors import (
    MAX_ELEMENTS,
    MAX_HEADER_BYTES,
    BadBlob,
    draw,
    keep_columns,
    obstacle,
    pack_tensors,
    unpack_tensors,
)

SEVERAL = [
    torch.randn(3, 4),
    torch.randn(3, 4).t(),
    torch.zeros(0, 3),
    torch.tensor(5),
    torch.tensor([1.0, float("nan")]),
    torch.randn(2, 2).bfloat16(),
    torch.randn(2).half(),
    torch.arange(3, dtype=torch.int8),
    torch.randn(4, requires_grad=True),
    torch.view_as_complex(torch.randn(3, 2)).conj().imag,
]


def blob(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(**changes: Any) -> dict[str, Any]:
    return {"0": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], **changes}}


def test_tensors_come_back_as_they_were() -> None:
    """Views, empty, scalar, NaN, conjugated and gradient-carrying tensors: the same numbers, in the same order."""
    back = unpack_tensors(pack_tensors(SEVERAL), len(SEVERAL))
    assert [tensor.dtype for tensor in back] == [tensor.dtype for tensor in SEVERAL]
    for tensor, original in zip(back, SEVERAL, strict=True):
        assert torch.equal(tensor.nan_to_num(7), original.detach().resolve_neg().nan_to_num(7))


def test_a_blob_is_what_the_library_reads() -> None:
    """Written without it, and still the format that others know."""
    numbers = [tensor for tensor in SEVERAL if not tensor.is_neg()]
    read = safetensors.torch.load(pack_tensors(numbers))
    for place, original in enumerate(numbers):
        tensor = read[str(place)]
        assert (tensor.dtype, tensor.shape) == (original.dtype, original.shape)
        assert torch.equal(tensor.nan_to_num(7), original.detach().nan_to_num(7))


def test_booleans_travel_as_bytes() -> None:
    """A byte that is neither 0 nor 1 can so never become a boolean."""
    assert unpack_tensors(pack_tensors([torch.tensor([True, False])]), 1)[0].tolist() == [1, 0]


def test_no_tensors_are_no_bytes() -> None:
    """And no bytes are no tensors."""
    assert pack_tensors([]) == b""
    assert unpack_tensors(b"", 0) == []


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "seven bytes": b"\0" * 7,
    "a header that is longer than the blob": struct.pack("<Q", 60_000) + b"{",
    "a header over its cap": blob(b" " * (MAX_HEADER_BYTES + 1)),
    "a header of 2**64 - 1 bytes": b"\xff" * 64,
    "no JSON": blob(b"\xff\xfe"),
    "another kind of JSON": blob([1]),
    "nested 30,000 deep": blob(b'{"0":' + b"[" * 30_000),
    "no entry": blob({}),
    "another name": blob({"1": entry()["0"]}, bytes(4)),
    "an entry too many": blob({**entry(), "1": entry(shape=[0], data_offsets=[4, 4])["0"]}, bytes(4)),
    "metadata": blob({**entry(), "__metadata__": {}}, bytes(4)),
    "an unknown field": blob(entry(note=1), bytes(4)),
    "an unknown dtype": blob(entry(dtype="F8_E4M3", data_offsets=[0, 1]), bytes(1)),
    "booleans": blob(entry(dtype="BOOL", data_offsets=[0, 1]), b"\x07"),
    "a shape that overflows": blob(entry(shape=[2**63 - 1, 0])),
    "a shape that multiplies to 2**64": blob(entry(shape=[2**23] * 8)),
    "a negative dimension": blob(entry(shape=[-1]), bytes(4)),
    "nine dimensions": blob(entry(shape=[1] * 9), bytes(4)),
    "200,000 dimensions": blob(entry(shape=[1] * 20_000), bytes(4)),
    "too many elements": blob(entry(shape=[MAX_ELEMENTS + 1])),
    "bytes missing": blob(entry(), bytes(3)),
    "bytes left over": blob(entry(), bytes(5)),
    "offsets past the end": blob(entry(data_offsets=[4, 8]), bytes(4)),
    "offsets backwards": blob(entry(data_offsets=[4, 0]), bytes(4)),
    "negative offsets": blob(entry(data_offsets=[-4, 0]), bytes(4)),
    "a shape larger than its bytes": blob(entry(shape=[2]), bytes(4)),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_dishonest_blob_is_refused(data: bytes) -> None:
    """Each is ``BadBlob``, before anything is allocated for it."""
    with pytest.raises(BadBlob):
        unpack_tensors(data, 1)


def test_two_tensors_cannot_share_their_bytes() -> None:
    """Overlapping entries could ask for many times what arrived."""
    both = {"0": entry(data_offsets=[0, 4])["0"], "1": entry(data_offsets=[0, 4])["0"]}
    with pytest.raises(BadBlob):
        unpack_tensors(blob(both, bytes(4)), 2)


def test_more_tensors_than_a_reply_may_announce_are_refused() -> None:
    """Whatever the blob holds."""
    with pytest.raises(BadBlob):
        unpack_tensors(b"", 257)


values = (
    st.integers(-10, 10)
    | st.integers()
    | st.booleans()
    | st.text(max_size=4)
    | st.lists(st.integers(-2, 2**40), max_size=10)
)
entries = st.dictionaries(
    st.sampled_from(["dtype", "shape", "data_offsets", "x"]), values | st.just("F32"), max_size=4
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["0", "1", "2", "__metadata__"]), entries, max_size=3),
    st.binary(max_size=40),
    st.integers(0, 3),
)
def test_no_header_raises_anything_else(header: dict[str, Any], data: bytes, count: int) -> None:
    """Whatever a header claims, the answer is tensors or ``BadBlob``."""
    with contextlib.suppress(BadBlob):
        assert len(unpack_tensors(blob(header, data), count)) == count


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2), st.integers(0, 150), st.integers(0, 255))
def test_no_damage_raises_anything_else(noise: bytes, count: int, place: int, value: int) -> None:
    """Noise, and an honest blob with one byte changed."""
    damaged = bytearray(pack_tensors([torch.zeros(3), torch.ones(2, dtype=torch.int64)]))
    damaged[place % len(damaged)] = value
    for data in (noise, bytes(damaged)):
        with contextlib.suppress(BadBlob):
            unpack_tensors(data, count)


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (torch.zeros(2), ""),
        (torch.tensor([True]), ""),
        (torch.zeros(2).to_sparse(), "sparse_coo float32"),
        (torch.zeros(2, dtype=torch.complex64), "complex64"),
        (torch.zeros(2, device="meta"), "meta float32"),
        (torch.zeros([1] * 9), "9 dimensions"),
        (torch.zeros(1).expand(MAX_ELEMENTS + 1), f"{MAX_ELEMENTS + 1} elements"),
        (torch.zeros(1, dtype=torch.float8_e4m3fn), "float8_e4m3fn"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_travel_says_why(tensor: Tensor, why: str) -> None:
    """Everything without an obstacle can be packed; the others are named."""
    assert obstacle(tensor) == why
    if not why:
        assert pack_tensors([tensor])


@given(st.integers(0, 2**31), st.lists(st.integers(0, 5), max_size=3), st.integers(0, 3))
def test_both_ends_draw_alike(seed: int, shape: list[int], rows: int) -> None:
    """A recipe is its numbers, within its bounds, in its shape, and the global generator is not touched."""
    recipe = Draw(seed=seed, shape=tuple(shape), low=-2, high=3, rows=rows)
    state = torch.get_rng_state()
    numbers = draw(recipe)
    assert torch.equal(numbers, draw(recipe))
    assert torch.equal(state, torch.get_rng_state())
    assert list(numbers.shape) == ([rows] if rows else []) + shape
    assert bool(((numbers >= -2) & (numbers <= 3)).all())


ROWS: list[dict[str, Any]] = [{"rows": 1}, {"rows": 3}, {"rows": 1, "below": 5}]


@pytest.mark.parametrize("how", [{}, *ROWS, {"shape": ()}, {"dtype": torch.float64}], ids=str)
def test_what_was_expected_is_drawn_alike(how: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers in the same kind, whatever becomes of an earlier draw; another recipe is another draw."""
    dtype = how.get("dtype", torch.float32)
    recipe = Draw(**{"seed": 1, "shape": (2, 3), **{key: value for key, value in how.items() if key != "dtype"}})
    plain = draw(recipe, dtype)
    monkeypatch.setattr(tensors, "_expected", {})
    tensors.expect([recipe])
    assert len(tensors._expected) == 1
    draw(recipe, dtype).fill_(7)
    again = draw(recipe, dtype)
    assert torch.equal(again, plain)
    assert (again.dtype, again.is_contiguous()) == (plain.dtype, True)
    assert not torch.equal(draw(Draw(seed=2, shape=(2, 3))), draw(Draw(seed=1, shape=(2, 3))))


def test_a_draw_is_nobody_elses() -> None:
    """What one does to it, no other draw of the same recipe shows, remembered or not."""
    for shape, rows in [((3,), 0), ((3,), 1), ((3,), 2), ((tensors.MAX_REMEMBERED + 1,), 1)]:
        recipe = Draw(seed=5, shape=shape, rows=rows)
        before = draw(recipe)
        draw(recipe).fill_(7)
        assert torch.equal(draw(recipe), before)


def test_what_is_expected_takes_no_more_than_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, as many as find room, however often they are announced, and none that is large by itself."""
    monkeypatch.setattr(tensors, "_expected", {})
    monkeypatch.setattr(tensors, "MAX_EXPECTED", 30)
    monkeypatch.setattr(tensors, "MAX_REMEMBERED", 20)
    recipes = [Draw(seed=seed, shape=(size,)) for seed, size in enumerate([21, 10, 20, 1])]
    tensors.expect([*recipes, recipes[1], Draw(seed=1, shape=(10,), rows=3)])
    tensors.expect([Draw(seed=9, shape=(1,))])
    assert [numbers.numel() for numbers in tensors._expected.values()] == [10, 20]


def test_only_named_columns_are_kept() -> None:
    """Scaled by their factor; the others are zero."""
    kept = keep_columns(torch.ones(2, 3), [Column(1, 2.0)])
    assert kept.tolist() == [[0, 2, 0], [0, 2, 0]]
