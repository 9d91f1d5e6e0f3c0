"""Folders that go with the process that made them, however it ends, and nothing else that lies beside them."""

from __future__ import annotations

import ast
import fcntl
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import autograder
from autograder.process import scratch
from autograder.process.scratch import ScratchFolder

ROOT = Path(__file__).parents[2]
OWNER = """
import sys
from autograder.process.scratch import ScratchFolder
folder = ScratchFolder()
(folder.path / "work").write_text("half done")
print(folder.path, flush=True)
sys.stdin.read()
"""
SECONDS = 60.0


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, as far as a test is concerned: everybody's."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process with a scratch folder of its own, which has something in it."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def left_by_the_killed() -> Path:
    """The folder of a process that SIGKILL ended."""
    with owner() as (process, folder):
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (folder / "work").exists()
    return folder


def is_gone(path: Path) -> bool:
    """Whether ``path`` goes: it is removed in the background."""
    deadline = time.monotonic() + SECONDS
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not path.exists()


def like_a_folder_of_ours(temporary: Path, name: str = "abcd1234") -> Path:
    """A path that a scratch folder of this machine's might have."""
    with ScratchFolder() as folder:
        return temporary / f"{folder.name[:-8]}{name}"


def test_a_folder_is_its_users_alone_and_goes_with_the_block(temporary: Path) -> None:
    """Nobody else may look into it."""
    with ScratchFolder() as folder:
        assert folder.parent == temporary
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "work").touch()
    assert not list(temporary.iterdir())


def test_others_may_pass_through_where_they_are_allowed_to() -> None:
    """But not see what lies there."""
    with ScratchFolder(mode=0o711) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711


def test_it_goes_with_its_process() -> None:
    """Without having been asked for it."""
    with owner() as (process, folder):
        process.communicate()
        assert process.returncode == 0
        assert not folder.exists()


def test_the_next_one_removes_what_a_killed_process_left() -> None:
    """And leaves alone what belongs to a process that lives, this one among them."""
    left = left_by_the_killed()
    with owner() as (_, others), ScratchFolder() as ours:
        assert is_gone(left)
        with ScratchFolder():
            assert (others / "work").exists()
            assert ours.exists()


def test_what_is_not_ours_stays(temporary: Path, tmp_path: Path) -> None:
    """Other names, another boot's folder, a file and a link that are named as a folder of ours is."""
    ours = like_a_folder_of_ours(temporary)
    for name in ("autograder-thesis", "autograder-0a1b2c3d-abcd1234", f"{ours.name}.bak", ours.name.upper()):
        (temporary / name).mkdir()
    ours.with_name(ours.name[:-1] + "5").touch()
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").touch()
    ours.with_name(ours.name[:-1] + "6").symlink_to(tmp_path / "precious")
    before = sorted(temporary.iterdir())
    left = left_by_the_killed()
    with ScratchFolder():
        assert is_gone(left)
    assert sorted(temporary.iterdir()) == before
    assert (tmp_path / "precious/file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_another_users_stays(temporary: Path) -> None:
    """Even where root makes the next one: that user's next one removes it."""
    other = like_a_folder_of_ours(temporary)
    other.mkdir()
    os.chown(other, 65_001, 65_001)
    left = left_by_the_killed()
    with ScratchFolder():
        assert is_gone(left)
    assert other.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_what_it_gave_to_another_user_goes_with_it() -> None:
    """As a slot's folder, where root gives itself up to run a submission."""
    left = left_by_the_killed()
    (left / "submission").mkdir(0o700)
    os.chown(left / "submission", 65_001, 65_001)
    with ScratchFolder():
        assert is_gone(left)


def test_nothing_is_removed_where_others_may_put_it(temporary: Path) -> None:
    """In a folder that anybody may write to and that is not sticky, a name says nothing."""
    temporary.chmod(0o777)
    left = left_by_the_killed()
    with ScratchFolder():
        pass
    temporary.chmod(0o1777)
    assert left.exists()
    with ScratchFolder():
        assert is_gone(left)


def test_a_file_system_without_locks_keeps_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its owner lives cannot be known there; nor is one made there taken for left where locks are back."""
    left = left_by_the_killed()

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError("no locks available")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", refuse)
        folder, other = ScratchFolder(), ScratchFolder()
        other.remove()
        assert not other.path.exists()
        assert left.exists()
    with ScratchFolder():
        assert is_gone(left)
        assert folder.path.exists()
    folder.remove()


def test_one_that_is_taken_for_left_before_it_is_locked_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever clears away may come between: it holds the lock still, or the folder is gone, sooner or later."""
    make, lock = tempfile.mkdtemp, fcntl.flock
    made: list[Path] = []

    def taken(**arguments: str) -> str:
        made.append(Path(make(**arguments)))
        if len(made) == 1:
            descriptor = os.open(made[0], os.O_RDONLY)
            other.callback(os.close, descriptor)
            lock(descriptor, fcntl.LOCK_EX)
        elif len(made) == 2:
            made[1].rmdir()
        return str(made[-1])

    def late(descriptor: int, operation: int) -> None:
        if len(made) == 3:
            made[2].rmdir()
        lock(descriptor, operation)

    monkeypatch.setattr(tempfile, "mkdtemp", taken)
    monkeypatch.setattr(fcntl, "flock", late)
    with ExitStack() as other, ScratchFolder() as folder:
        assert folder == made[3]
        assert folder.exists()


def test_nobody_waits_for_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is removed in the background, by one process, while others make folders and remove theirs."""
    left = left_by_the_killed()
    commands, may_go_on, log = tmp_path / "bin", tmp_path / "may go on", tmp_path / "log"
    commands.mkdir()
    os.mkfifo(may_go_on)
    (commands / "rm").write_text(
        f'#!/bin/sh\ncase "$*" in *{left.name}*) echo "$*" >> "{log}"; read _ < "{may_go_on}";; esac\n'
        f'exec /bin/rm "$@"\n'
    )
    (commands / "rm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    for _ in range(3):
        with ScratchFolder() as folder:
            assert left.exists()
        assert not folder.exists()
    may_go_on.write_text("\n")
    assert is_gone(left)
    assert len(log.read_text().splitlines()) == 1


def test_any_tree_is_removed(tmp_path: Path) -> None:
    """One 3,000 deep, one that its owner may not enter, and a link, whose target stays."""
    kept = tmp_path / "kept"
    kept.touch()
    with ScratchFolder() as folder:
        program = "import os\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')"
        subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
        (folder / "closed/inside").mkdir(parents=True)
        (folder / "closed").chmod(0)
        (folder / "link").symlink_to(kept)
    assert not folder.exists()
    assert kept.exists()


def test_a_tree_that_takes_too_long_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left for the next one to remove."""
    folder = ScratchFolder()
    with monkeypatch.context() as patch:
        patch.setattr(scratch, "REMOVAL_SECONDS", 0.0)
        folder.remove()
    with ScratchFolder():
        assert is_gone(folder.path)


def test_without_the_commands_that_remove_it_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, or in a container that holds Python alone."""
    left = left_by_the_killed()
    monkeypatch.setenv("PATH", "")
    with ScratchFolder() as folder:
        (folder / "work").touch()
    assert not folder.exists()
    assert left.exists()
    monkeypatch.undo()


def test_nothing_else_makes_folders_that_stay() -> None:
    """No other module of this package makes a temporary folder, so that SIGKILL leaves none for good."""
    makers = {
        path.name
        for path in Path(autograder.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and node.attr in ("mkdtemp", "TemporaryDirectory")
    }
    assert makers == {"scratch.py"}
