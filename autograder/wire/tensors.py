"""Numbers on the wire: recipes that both sides draw alike, and blobs in the format of safetensors.

A blob's tensors are named by their place ("0", "1", …), because safetensors does not keep an order. The format is read
and written here: the library's reader trusts more than it should, and its writer takes four times as long.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
import torch
from msgspec import Meta, Struct
from torch import Tensor

from autograder.wire.messages import MAX_TENSORS, Column, Draw

MAX_DIMENSIONS = 8
MAX_ELEMENTS = 1 << 23
MAX_HEADER_BYTES = 1 << 16
MAX_REMEMBERED = 1 << 17  # numbers of one draw
MAX_EXPECTED = 1 << 22  # numbers of all draws that are expected: 16 MB
_LENGTH = struct.Struct("<Q")
_ALIGNED_BYTES = 8
_DTYPES: dict[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    dtype: Literal["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8"]
    shape: Annotated[tuple[Annotated[int, Meta(ge=0, le=MAX_ELEMENTS)], ...], Meta(max_length=MAX_DIMENSIONS)]
    data_offsets: tuple[Annotated[int, Meta(ge=0, le=1 << 30)], Annotated[int, Meta(ge=0, le=1 << 30)]]


_decode_header = msgspec.json.Decoder(dict[Annotated[str, Meta(max_length=3)], _Entry]).decode


class BadBlob(Exception):
    """A blob that is no honest set of tensors."""


def draw(recipe: Draw, dtype: torch.dtype = torch.float32) -> Tensor:
    """A fresh tensor of ``([rows,] *shape)``: drawn as float32, repeated, then cast to ``dtype``.

    Whole numbers (``below``) stay int64.
    """
    numbers = _numbers(recipe)
    if recipe.rows:
        numbers = numbers.expand(recipe.rows, *recipe.shape)
    kind = torch.int64 if recipe.below else dtype
    return numbers.to(kind, copy=True, memory_format=torch.contiguous_format)


def expect(recipes: Iterable[Draw]) -> None:
    """Draw from these now, as far as it is not much, so that :func:`draw` only copies."""
    room = MAX_EXPECTED - sum(numbers.numel() for numbers in _expected.values())
    for recipe in recipes:
        key, size = _key(recipe), math.prod(recipe.shape)
        if size <= min(room, MAX_REMEMBERED) and key not in _expected:
            _expected[key] = _drawn(*key)
            room -= size


def _numbers(recipe: Draw) -> Tensor:
    """What the recipe gives, without rows; to be read only."""
    key = _key(recipe)
    if (expected := _expected.get(key)) is not None:
        return expected
    return (_remembered if math.prod(recipe.shape) <= MAX_REMEMBERED else _drawn)(*key)


def _key(recipe: Draw) -> tuple[int, tuple[int, ...], float, float, int]:
    return recipe.seed, recipe.shape, recipe.low, recipe.high, recipe.below


def _drawn(seed: int, shape: tuple[int, ...], low: float, high: float, below: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if below:
        return torch.randint(below, shape, generator=generator)
    return torch.empty(shape).uniform_(low, high, generator=generator)


# One recipe is drawn several times: models of one shape are given the same weights. A copy costs a tenth of it.
_remembered = functools.lru_cache(maxsize=32)(_drawn)
_expected: dict[tuple[int, tuple[int, ...], float, float, int], Tensor] = {}


def keep_columns(numbers: Tensor, columns: Sequence[Column]) -> Tensor:
    """``numbers`` (out, in, …) with every column zeroed but the named ones, which are scaled."""
    kept = torch.zeros_like(numbers)
    for column in columns:
        kept[:, column.index] = numbers[:, column.index] * column.factor
    return kept


def obstacle(tensor: Tensor) -> str:
    """Why this tensor cannot travel ("sparse_coo float32", "9 dimensions"), or nothing."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        kind = "quantized" if tensor.is_quantized else str(tensor.layout).removeprefix("torch.")
        return f"{kind if tensor.device.type == 'cpu' else tensor.device.type} {_name(tensor.dtype)}"
    if tensor.dtype != torch.bool and tensor.dtype not in _NAMES:
        return _name(tensor.dtype)
    if tensor.dim() > MAX_DIMENSIONS:
        return f"{tensor.dim()} dimensions"
    return f"{tensor.numel()} elements" if tensor.numel() > MAX_ELEMENTS else ""


def pack_tensors(tensors: Sequence[Tensor]) -> bytes:
    """The blob for tensors without an :func:`obstacle`; booleans travel as bytes. No tensors: no bytes."""
    if not tensors:
        return b""
    entries: dict[str, object] = {}
    parts: list[Any] = []
    end = 0
    for place, tensor in enumerate(tensors):
        own = tensor.detach().resolve_neg()
        own = own.to(torch.uint8) if own.dtype == torch.bool else own.contiguous()
        begin, end = end, end + own.numel() * own.itemsize
        entries[str(place)] = {
            "dtype": _NAMES[own.dtype],
            "shape": tuple(own.shape),
            "data_offsets": (begin, end),
        }
        parts.append(own.reshape(-1).view(torch.uint8).numpy())  # numpy knows no bfloat16
    header = msgspec.json.encode(entries)
    header += b" " * (-len(header) % _ALIGNED_BYTES)
    return b"".join((_LENGTH.pack(len(header)), header, *parts))


def unpack_tensors(blob: bytes, count: int) -> list[Tensor]:
    """The ``count`` tensors of a blob that may be hostile; raises :class:`BadBlob` and nothing else.

    It is read against a schema: the safetensors library parses headers of any size, takes sizes that overflow, and
    may panic. Nothing is allocated beyond the bytes that arrived.
    """
    if not blob and count == 0:
        return []
    if count > MAX_TENSORS:
        raise BadBlob(f"{count} tensors")
    try:
        return _unpacked(memoryview(blob), count)
    except BadBlob:
        raise
    except Exception as error:  # noqa: BLE001 - hostile bytes raise anything, RecursionError and MemoryError too
        raise BadBlob(f"{type(error).__name__}: {error}"[:200]) from None


def _unpacked(blob: memoryview, count: int) -> list[Tensor]:
    (length,) = _LENGTH.unpack_from(blob)
    if length > MAX_HEADER_BYTES:
        raise BadBlob(f"a header of {length} bytes")
    entries = _decode_header(blob[_LENGTH.size : _LENGTH.size + length])
    data = blob[_LENGTH.size + length :]
    if set(entries) != {str(place) for place in range(count)}:
        raise BadBlob("the tensors are not the ones announced")
    offsets = [entry.data_offsets for entry in entries.values()]
    if any(not begin <= end <= len(data) for begin, end in offsets):
        raise BadBlob("a tensor outside of the blob")
    if sum(end - begin for begin, end in offsets) != len(data):
        raise BadBlob("the tensors do not fill the blob")
    return [_tensor(entries[str(place)], data) for place in range(count)]


def _tensor(entry: _Entry, data: memoryview) -> Tensor:
    dtype, (begin, end) = _DTYPES[entry.dtype], entry.data_offsets
    if math.prod(entry.shape) * dtype.itemsize != end - begin:
        raise BadBlob("the bytes do not fit the shape")
    if begin == end:
        return torch.empty(entry.shape, dtype=dtype)
    return torch.frombuffer(bytearray(data[begin:end]), dtype=dtype).reshape(entry.shape)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
