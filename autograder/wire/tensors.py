"""Numbers on the wire: recipes that both sides draw alike, and safetensors blobs.

A blob's tensors are named by their place ("0", "1", …), because safetensors does not keep an order.
"""

from __future__ import annotations

from collections.abc import Sequence

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from autograder.wire.messages import MAX_TENSORS, Column, Draw

MAX_DIMENSIONS = 8
MAX_ELEMENTS = 1 << 23
_DTYPES = {
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


class BadBlob(Exception):
    """A blob that is no honest set of tensors."""


def draw(recipe: Draw, dtype: torch.dtype = torch.float32) -> Tensor:
    """A fresh tensor of ``([rows,] *shape)``: drawn as float32, repeated, then cast to ``dtype``."""
    generator = torch.Generator().manual_seed(recipe.seed)
    numbers = torch.empty(recipe.shape).uniform_(recipe.low, recipe.high, generator=generator)
    if recipe.rows:
        numbers = numbers.expand(recipe.rows, *recipe.shape).contiguous()
    return numbers.to(dtype)


def keep_columns(numbers: Tensor, columns: Sequence[Column]) -> Tensor:
    """``numbers`` (out, in, …) with every column zeroed but the named ones, which are scaled."""
    kept = torch.zeros_like(numbers)
    for column in columns:
        kept[:, column.index] = numbers[:, column.index] * column.factor
    return kept


def pack_tensors(tensors: Sequence[Tensor]) -> bytes:
    """The blob for plain dense CPU tensors; booleans travel as bytes. No tensors: no bytes."""
    if not tensors:
        return b""
    return safetensors.torch.save({str(place): _plain(tensor) for place, tensor in enumerate(tensors)})


def unpack_tensors(blob: bytes, count: int) -> list[Tensor]:
    """The ``count`` tensors of a blob that may be hostile; raises :class:`BadBlob` and nothing else."""
    if not blob and count == 0:
        return []
    if count > MAX_TENSORS:
        raise BadBlob(f"{count} tensors")
    try:
        entries = dict(safetensors.deserialize(blob))  # type: ignore[no-untyped-call]
        if sorted(entries) != sorted(str(place) for place in range(count)):
            raise BadBlob("the tensors are not the ones announced")
        return [_checked(entries[str(place)]) for place in range(count)]
    except BadBlob:
        raise
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001 - hostile bytes raise anything
        raise BadBlob(f"{type(error).__name__}: {error}"[:200]) from None


def _checked(entry: dict[str, object]) -> Tensor:
    dtype, shape, data = entry["dtype"], entry["shape"], entry["data"]
    if not isinstance(dtype, str) or not isinstance(shape, list) or not isinstance(data, bytes | bytearray):
        raise BadBlob("an entry of another form")
    if dtype not in _DTYPES:
        raise BadBlob(f"dtype {dtype[:20]}")
    if len(shape) > MAX_DIMENSIONS:
        raise BadBlob(f"{len(shape)} dimensions")
    elements = 1
    for dimension in shape:
        if not isinstance(dimension, int) or dimension < 0 or dimension > MAX_ELEMENTS:
            raise BadBlob("a dimension out of range")
        elements *= dimension
    if elements > MAX_ELEMENTS or len(data) != elements * _DTYPES[dtype].itemsize:
        raise BadBlob("the bytes do not fit the shape")
    if elements == 0:
        return torch.empty(shape, dtype=_DTYPES[dtype])
    return torch.frombuffer(bytearray(data), dtype=_DTYPES[dtype]).reshape(shape)


def _plain(tensor: Tensor) -> Tensor:
    return tensor.to(torch.uint8) if tensor.dtype == torch.bool else tensor.contiguous().clone()
