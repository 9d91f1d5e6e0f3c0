"""What the head of a cluster asks of a remote worker, and what that answers: records, checked by digest.

The assignment's files travel once a worker, as a bundle, and every submission as its own bytes. Both ends take the
digest of what they hold: a bundle is unpacked only if its files are the assignment that the setup names.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from msgspec import Struct, msgpack

from autograder.course import assignment_files
from autograder.engine.losses import Lost
from autograder.errors import GraderError
from autograder.grading.job import Failed, Graded, Setup


class Order(Struct, frozen=True):
    """Grade a submission. ``bundle`` is empty where the worker has the assignment already."""

    run: str
    setup: Setup
    require: tuple[str, ...]
    job: bytes
    job_digest: str
    bundle: bytes = b""


class Refused(Struct, frozen=True, tag="refused"):
    """This worker cannot be used: a required layer does not work there, or its packages are others."""

    why: str


class Wanting(Struct, frozen=True, tag="wanting"):
    """The worker does not have the assignment yet."""


Answer = Graded | Failed | Refused | Wanting | Lost

encode = msgpack.Encoder().encode
decode_order = msgpack.Decoder(Order).decode
decode_answer = msgpack.Decoder(Answer).decode
_decode_bundle = msgpack.Decoder(dict[str, bytes]).decode


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def bundle(course_root: Path, assignment: str) -> bytes:
    """The files of the assignment."""
    paths = assignment_files.paths(course_root, assignment)
    return encode({label: path.read_bytes() for label, path in paths.items()})


def unpack(data: bytes, root: Path, setup: Setup) -> None:
    """Write a bundle's files below ``root``, for this user alone: hidden checks and answers are among them.

    Raises :class:`GraderError` if they are not the setup's assignment.
    """
    files = _decode_bundle(data)
    if assignment_files.digest_of(files) != setup.assignment_digest:
        raise GraderError(f"what arrived as assignment {setup.assignment!r} is not what was sent")
    root.mkdir(0o700, exist_ok=True)
    for label, content in files.items():
        inside = PurePosixPath(label)
        if inside.is_absolute() or ".." in inside.parts:
            raise GraderError(f"a bundle with the path {label!r}")
        path = root.joinpath(*inside.parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(content)
