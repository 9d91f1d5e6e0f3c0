"""Frames: whatever arrives in whatever pieces is a frame, not yet one, or ``BadFrame``."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.wire.frames import HEADER, MAX_BLOB_BYTES, MAX_STRUCTURE_BYTES, BadFrame, Buffer, Frame, pack

frames = st.lists(st.builds(Frame, st.binary(max_size=200), st.binary(max_size=200)), max_size=5)


@given(frames, st.lists(st.integers(1, 50)))
def test_frames_survive_any_cutting(sent: list[Frame], cuts: list[int]) -> None:
    """However a stream is cut, the same frames come out in the same order, and nothing is left."""
    stream, buffer, found = b"".join(map(pack, sent)), Buffer(), []
    for size in [*cuts, len(stream)]:
        buffer.feed(stream[:size])
        stream = stream[size:]
        while (frame := buffer.take()) is not None:
            found.append(frame)
    assert found == sent
    assert buffer.pending == 0


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_noise_is_never_anything_but_frames_or_bad_frame(pieces: list[bytes]) -> None:
    """No bytes make the buffer raise anything but ``BadFrame``."""
    buffer = Buffer()
    try:
        for piece in pieces:
            buffer.feed(piece)
            while buffer.take() is not None:
                pass
    except BadFrame:
        pass


@pytest.mark.parametrize(
    "lengths", [(MAX_STRUCTURE_BYTES + 1, 0), (0, MAX_BLOB_BYTES + 1), (2**32 - 1, 2**32 - 1)]
)
def test_lengths_over_the_cap_are_refused_before_a_byte_of_them_came(lengths: tuple[int, int]) -> None:
    """The header alone is enough."""
    buffer = Buffer()
    buffer.feed(struct.pack("<II", *lengths))
    with pytest.raises(BadFrame, match="over the cap"):
        buffer.take()


def test_a_frame_over_the_cap_is_not_made() -> None:
    """Our own end refuses it as well."""
    with pytest.raises(BadFrame):
        pack(Frame(bytes(MAX_STRUCTURE_BYTES + 1), b""))


def test_pending_counts_what_is_held() -> None:
    """Half a header is pending, and so is a frame nobody took."""
    buffer = Buffer()
    buffer.feed(HEADER.pack(1, 1)[:3])
    assert (buffer.take(), buffer.pending) == (None, 3)
