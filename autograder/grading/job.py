"""What a worker is told and what it answers: records, so that it may be another process or another machine."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field, msgpack

from autograder.course.config import Config
from autograder.results import HandIn, Remark, Result, Ungraded


class Setup(Struct, frozen=True):
    """How a worker grades, for as long as it lives. It refuses where its own digests are others."""

    course_root: str
    config: Config
    assignment: str
    assignment_digest: str
    environment_digest: str
    seed: int
    layers: tuple[str, ...]
    slot: int = 0
    cpus: tuple[int, ...] = ()


class Job(Struct, frozen=True):
    """One submission: the notebook's bytes, or why they could not be read.

    ``key`` is the digest of all that its result depends on; the result carries it.
    """

    student: str
    path: str
    data: bytes
    language: str | None = None
    unreadable: Ungraded | None = None
    remarks: list[Remark] = field(default_factory=list)
    handed_in: HandIn | None = None
    key: str = ""


class Graded(Struct, frozen=True, tag="graded"):
    """A result and its two feedback pages."""

    result: Result
    html: str
    markdown: str
    faults: list[str] = field(default_factory=list)


class Ready(Struct, frozen=True, tag="ready"):
    """The worker is warm and waits for jobs.

    ``slow`` is the id of the check that came to no end with the course's own answers when this was tried, if any.
    """

    slow: str = ""


class Failed(Struct, frozen=True, tag="failed"):
    """The worker cannot work: a misconfigured course, contradictory checks, a broken sandbox."""

    kind: Literal["assignment", "config", "sandbox", "other"]
    text: str


Message = Ready | Graded | Failed

encode = msgpack.Encoder().encode
decode_setup = msgpack.Decoder(Setup).decode
decode_job = msgpack.Decoder(Job).decode
decode_message = msgpack.Decoder(Message).decode
