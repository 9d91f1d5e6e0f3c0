"""One class of hostile programs and good neighbours, graded as users grade, and looked at from outside.

Every program is handed in by a student of its own, between good neighbours, and ``grader grade`` is run on all of
them with two workers. Secrets are planted where a grader has some. What counts is what is seen afterwards: in
the results and pages, in the processes while it runs, and in files, sockets and processes when it is over.
"""

from __future__ import annotations

import base64
import codecs
import ctypes
import os
import re
import secrets
import signal
import string
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.results import Result, decode
from autograder.submissions.found import encoded, raw_name
from tests.attacks import target
from tests.attacks.programs import Program
from tests.attacks.target import MARK, NAME, RIGHT, TOKEN

SEED = 7
EVERY = 8  # programs between one neighbour and the next
PORT, SHARED_KEY = 45917, 0x1EF7  # what programs try to leave open
PR_SET_CHILD_SUBREAPER = 36
_TOKEN = re.compile(rf"{TOKEN}[a-z]{{24}}")
_NEIGHBOURS = (
    RIGHT,
    {name: RIGHT[name] for name in ("layer", "shapes")} | {"model": "model = nn.Linear(8, 3)"},
)


@dataclass
class Watched:
    """What was seen of the processes while the class was graded."""

    most_in_a_sandbox: int = 0  # runners and whatever they started, at once
    pids: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Campaign:
    """What came out of it. Results, pages and tokens by student."""

    programs: Mapping[str, Program]
    results: Mapping[str, Result]
    alone: Mapping[str, Result]  # of the neighbours, graded without anybody else
    documents: Mapping[str, Sequence[str]]  # each student's result file and pages
    shared: Sequence[str]  # whatever else was written: about the class
    tokens: Mapping[str, str]
    planted: Mapping[str, str]  # where a secret is → the secret
    terminal: str
    status: int
    seconds: float
    watched: Watched
    left: Sequence[str]  # processes, files and sockets

    @property
    def gained(self) -> dict[str, float]:
        """Program → points that it did not earn."""
        scores = {student: self.results[student].score or 0.0 for student in self.programs}
        return {
            program.id: scores[student] - program.points
            for student, program in self.programs.items()
            if scores[student] > program.points
        }

    @property
    def read(self) -> list[tuple[str, str]]:
        """(program or neighbour, whose secret stands in its output)."""
        owners = {token: owner for owner, token in (*self.planted.items(), *self.tokens.items())}
        return [
            (student, owners[token])
            for student, documents in (*self.documents.items(), ("the class", (self.terminal, *self.shared)))
            for token in sorted(found_in(documents) & owners.keys() - {self.tokens.get(student)})
        ]

    @property
    def left_behind(self) -> list[str]:
        """What was left, from outside, and what the next in a slot found of its predecessor."""
        unclean = [
            f"before {student}: {question.output.strip()}"
            for student, result in self.results.items()
            for question in result.questions
            if question.id == "witness" and question.score != question.max_score
        ]
        crowds = [f"{self.watched.most_in_a_sandbox} processes at once"] * (
            self.watched.most_in_a_sandbox > 1
        )
        return [*self.left, *unclean, *crowds]


def found_in(documents: Sequence[str]) -> set[str]:
    """What looks like a secret in these texts, also where it was disguised."""
    return {token for document in documents for view in _views(document) for token in _TOKEN.findall(view)}


def _views(text: str) -> Iterator[str]:
    for straight in (text, codecs.encode(text, "rot13")):
        for one in (straight, straight[::-1]):
            yield one
            yield re.sub(r"[^A-Za-z]", "", one)
    for one in (text, text[::-1]):
        for run in re.findall(r"(?:[0-9a-fA-F]{2}[\s:,]?){30,}", one):
            yield bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", run)).decode("latin-1")
        for run in re.findall(r"[A-Za-z0-9+/_-]{40,}", one):
            plain = run.translate(str.maketrans("-_", "+/"))
            for skip in range(4):
                whole = plain[skip : skip + (len(plain) - skip) // 4 * 4]
                decoded = base64.b64decode(whole).decode("latin-1")
                yield decoded
                yield decoded[::-1]


def run(folder: Path, programs: Sequence[Program]) -> Campaign:
    """Grade all programs, two workers, and the neighbours alone; everything stays below ``folder``."""
    planted = {
        where: _token() for where in ("the environment", "the course", "the arguments", "the solutions")
    }
    course = folder / planted["the course"]
    course.mkdir()
    target.write(course, planted["the solutions"])
    handed_in, tokens, students = folder / planted["the arguments"], {}, {}
    for number, program in enumerate(programs):
        name = program.name or f"{number:03}-{program.id.replace('/', '-')}"
        students[raw_name(name)] = program
        tokens[raw_name(name)] = _hand_in(handed_in / name, program.answers, program.about)
    for number in range(
        0, len(programs) + 2 * EVERY, EVERY
    ):  # the last ones follow the last program of each slot
        name = f"{number:03}-neighbour"
        tokens[name] = _hand_in(handed_in / name, _NEIGHBOURS[number // EVERY % 2])
        copy = folder / "alone" / name / f"{NAME}.ipynb"
        copy.parent.mkdir(parents=True)
        copy.write_bytes((handed_in / name / f"{NAME}.ipynb").read_bytes())
    before = _files(course)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans become children of ours
    environment = {"GRADER_SECRET": planted["the environment"]}
    began = time.monotonic()
    status, terminal, watched = _grade(course, handed_in, folder / "out", 2, environment)
    seconds = time.monotonic() - began
    left = [*_orphans(watched), *_leftovers(folder), *sorted(_files(course) ^ before)]
    _grade(course, folder / "alone", folder / "out-alone", 1, environment)
    return Campaign(
        programs=students,
        results=_results(folder / "out", tokens),
        alone=_results(folder / "out-alone", [name for name in tokens if name not in students]),
        documents={student: _documents(folder / "out", student) for student in tokens},
        shared=[
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted((folder / "out").rglob("*"))
            if path.is_file()
            and not {"results", "feedback"} & set(path.relative_to(folder / "out").parts[:1])
        ],
        tokens=tokens,
        planted=planted,
        terminal=terminal,
        status=status,
        seconds=seconds,
        watched=watched,
        left=left,
    )


def _token() -> str:
    return TOKEN + "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))


def _hand_in(folder: Path, answers: Mapping[str, str], about: Mapping[str, object] | None = None) -> str:
    token = _token()
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(target.handed_in(answers, token, about))
    return token


def _grade(
    course: Path, handed_in: Path, out: Path, workers: int, environment: Mapping[str, str]
) -> tuple[int, str, Watched]:
    """Exit status, what was printed, and what was seen meanwhile."""
    scratch = out.with_name(f"{out.name}-tmp")
    scratch.mkdir()
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", NAME, str(handed_in)]
    command += ["--out", str(out), "--workers", str(workers), "--seed", str(SEED)]
    said = out.with_name(f"{out.name}.txt")
    with said.open("wb") as terminal:
        process = subprocess.Popen(
            command,
            cwd=course,
            env=os.environ
            | dict(environment)
            | {"TMPDIR": str(scratch), "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
        )
        watched, over = Watched(), threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, watched, over))
        watcher.start()
        try:
            status = process.wait()
        finally:
            over.set()
            watcher.join()
    return status, said.read_text(encoding="utf-8", errors="replace"), watched


def _watch(pid: int, watched: Watched, over: threading.Event) -> None:
    """Look at the processes below ``pid``: command, worker, bubblewrap, fork server, and below that the runners."""
    before: dict[int, set[int]] = {}  # a look takes time: who is there at two of them was there at once
    while not over.wait(0.1):
        children = _children()
        level = [pid]
        for _ in range(3):
            level = [child for parent in level for child in children.get(parent, ())]
            watched.pids |= set(level)
        for server in level:
            below = set(_below(server, children))
            watched.pids |= below
            together = below & before.get(server, set())
            watched.most_in_a_sandbox = max(watched.most_in_a_sandbox, len(together))
            before[server] = below


def _children() -> dict[int, list[int]]:
    """Parent → living children, of all processes."""
    found: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                state, parent = (
                    Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
                )
            except OSError:
                continue
            if state not in "ZX":
                found.setdefault(int(parent), []).append(int(entry.name))
    return found


def _below(pid: int, children: Mapping[int, Sequence[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _below(child, children)


def _orphans(watched: Watched) -> list[str]:
    """Processes of the run that still live: children of ours now, because we take in orphans. They are ended."""
    for _ in range(20):  # what was killed a moment ago may still be on its way
        alive = set(_below(os.getpid(), _children())) & watched.pids
        if not alive:
            break
        time.sleep(0.1)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    return [f"process {pid}" for pid in sorted(alive)]


def _leftovers(folder: Path) -> list[str]:
    """Files with the programs' mark wherever anybody may write, temporary files, sockets, shared memory."""
    places = [
        Path("/tmp"),
        Path("/var/tmp"),
        Path("/dev/shm"),
        Path("/dev/mqueue"),
        Path.home(),
        Path("/"),
        folder,
    ]
    found = [
        str(path)
        for place in places
        if place.is_dir()
        for path in place.iterdir()
        if MARK in path.name.lower()
    ]
    found += [str(path) for path in folder.joinpath("out-tmp").rglob("*")]
    found += [
        str(path) for path in folder.iterdir() if path.name not in _OURS and not path.name.startswith(TOKEN)
    ]
    for table, sign in (
        ("net/tcp", f":{PORT:04X} "),
        ("net/tcp6", f":{PORT:04X} "),
        ("net/unix", MARK),
        ("sysvipc/shm", f" {SHARED_KEY} "),
        ("sysvipc/sem", f" {SHARED_KEY} "),
        ("sysvipc/msg", f" {SHARED_KEY} "),
    ):
        path = Path("/proc") / table
        if path.exists() and sign in path.read_text(errors="replace"):
            found.append(f"{path}: {sign.strip()}")
    return found


_OURS = ("out", "out-tmp", "out.txt", "alone")


def _files(course: Path) -> set[str]:
    return {f"{path} {path.lstat().st_size} {path.lstat().st_mtime_ns}" for path in course.rglob("*")}


def _results(out: Path, students: Sequence[str] | Mapping[str, str]) -> dict[str, Result]:
    return {
        student: decode((out / "results" / NAME / f"{encoded(student)}.json").read_bytes())
        for student in students
    }


def _documents(out: Path, student: str) -> list[str]:
    pages = sorted((out / "feedback" / encoded(student) / NAME).iterdir())
    files = [out / "results" / NAME / f"{encoded(student)}.json", *pages]
    return [path.read_text(encoding="utf-8") for path in files]
