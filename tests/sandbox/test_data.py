"""The assignment's data in the sandbox: read by whoever runs there, written by nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.course.config import LAYERS
from autograder.errors import SandboxError
from autograder.sandbox import data
from autograder.sandbox.slot import Slot
from autograder.wire.messages import CellRan, RunCell
from tests.confined import LIMITS

READS = "import os\nprint(sorted(os.listdir('data')), open('data/x.csv').read(), open('data/more/y.txt').read())"
READ = "['more', 'x.csv'] 1,2 y\n"
WRITES = ["open('data/x.csv', 'w')", "open('data/new', 'w')", "os.remove('data/x.csv')", "os.rename('data/more', 'z')"]


def folder(root: Path) -> Path:
    made = root / "data"
    (made / "more").mkdir(parents=True)
    (made / "x.csv").write_text("1,2")
    (made / "more/y.txt").write_text("y")
    return made


@contextmanager
def started(slot: Slot) -> Iterator[Slot]:
    slot.launch()
    slot.wait()
    try:
        yield slot
    finally:
        slot.close()


def ran(slot: Slot, *sources: str) -> list[CellRan]:
    """What became of each in a runner."""
    runner = slot.fork()
    replies = [runner.channel.ask(RunCell(number, source, 1_000), 5).reply for number, source in enumerate(sources)]
    slot.retire(runner.channel)
    return [reply for reply in replies if isinstance(reply, CellRan)]


@pytest.mark.parametrize("layers", [LAYERS, ("landlock", "seccomp", "rlimits")], ids=["all", "no namespaces"])
def test_every_runner_reads_it_and_none_changes_it(tmp_path: Path, layers: tuple[str, ...]) -> None:
    """Whatever one tried, the next one finds all of it, and so does whoever gave it."""
    made = folder(tmp_path)
    with started(Slot(limits=LIMITS, layers=layers, files=made)) as slot:
        first = ran(slot, READS, *WRITES, "os.remove('data')\nos.mkdir('data')\nx = open('data/x.csv', 'w').write('3')")
        second = ran(slot, READS)
    assert [one.output for one in (first[0], *second)] == [READ, READ]
    assert all(one.error for one in first[1 : 1 + len(WRITES)])
    assert (made / "x.csv").read_text() == "1,2"
    assert sorted(path.name for path in made.iterdir()) == ["more", "x.csv"]


@pytest.mark.parametrize("closed", ["x.csv", "more", "."])
def test_what_only_its_owner_may_read_is_read_as_well(tmp_path: Path, closed: str) -> None:
    """Runners of root are another user: they are given a copy, which goes with the slot."""
    made = folder(tmp_path)
    (made / closed).chmod(0o700)
    slot = Slot(limits=LIMITS, files=made)
    with started(slot):
        (one,) = ran(slot, READS)
        copy = slot._copy
        assert (copy is not None) == (os.geteuid() == 0)
    assert one.output == READ
    assert copy is None or not copy.path.exists()


def test_links_are_followed(tmp_path: Path) -> None:
    """A file or a folder that lies elsewhere is there as if it lay here."""
    made = folder(tmp_path / "elsewhere")
    linked = tmp_path / "data"
    linked.mkdir()
    (linked / "x.csv").symlink_to(made / "x.csv")
    (linked / "more").symlink_to(made / "more")
    with started(Slot(limits=LIMITS, files=linked)) as slot:
        (one,) = ran(slot, READS)
    assert one.output == READ


def test_without_data_there_is_none(tmp_path: Path) -> None:
    """The folder is the student's own to make."""
    with started(Slot(limits=LIMITS, files=tmp_path / "data")) as slot:
        (one,) = ran(slot, "import os\nprint(os.listdir())\nos.mkdir('data')\nx = open('data/x.csv', 'w').write('3')")
    assert (one.output, one.error) == ("[]\n", None)


def test_what_cannot_be_copied_is_named(tmp_path: Path) -> None:
    """A link to nowhere is told with its path, before anything is graded."""
    made = folder(tmp_path)
    (made / "lost").symlink_to("nowhere")
    with pytest.raises(SandboxError, match=r"data: the data cannot be read .*lost.*Mend"):
        data.copied(made, tmp_path / "copy")
