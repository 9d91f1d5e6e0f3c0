"""The libraries' code in the fork server's own memory."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.runner import code_pages
from autograder.runner.memory import HUGE_PAGE_BYTES

COUNTED = """
import os, resource, torch
from autograder.runner import code_pages
from autograder.runner.memory import HUGE_PAGE_BYTES

torch.set_num_threads(1)
page_map = code_pages.open_page_map()
model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2))
inputs = torch.rand(2, 3, 16, 16)
before = model(inputs)
MOVE
reader, writer = os.pipe()
if os.fork() == 0:
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    same = torch.equal(model(inputs), before)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    os.write(writer, f"{faults} {same}".encode())
    os._exit(0)
os.close(writer)
print(os.read(reader, 100).decode())
"""


def alone(source: str) -> str:
    """What a process of its own prints: what is done to its memory is for good."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_fork_meets_no_page_of_the_code_that_was_used() -> None:
    """It computes the same, on a fifth fewer page faults at least: those of its own data are left."""
    faults, same = alone(COUNTED.replace("MOVE", "")).split()
    fewer, still_same = alone(COUNTED.replace("MOVE", "code_pages.move(page_map)")).split()
    assert (same, still_same) == ("True", "True")
    assert int(fewer) < 0.8 * int(faults)


def test_what_is_used_is_moved_in_whole_huge_pages(tmp_path: Path) -> None:
    """But for the ends of a mapping; what is hardly used is left to its file."""
    page, huge = os.sysconf("SC_PAGE_SIZE"), HUGE_PAGE_BYTES
    pages = huge // page
    used, unused = [1 << 63] * pages, [1 << 63] + [0] * (pages - 1)
    entries = [*unused, *used, *used, *unused, *used[: pages // 2]]
    (tmp_path / "map").write_bytes(b"".join(entry.to_bytes(8, "little") for entry in entries))
    page_map = os.open(tmp_path / "map", os.O_RDONLY)
    found = list(code_pages._used(page, 4 * huge + huge // 2, page_map))
    os.close(page_map)
    assert found == [(huge, 3 * huge), (4 * huge, 4 * huge + huge // 2)]


@pytest.mark.parametrize(
    ("refused", "largest"), [("madvise", 2 * HUGE_PAGE_BYTES), ("mprotect", 0), ("mremap", 0), ("mmap", 0)]
)
def test_where_the_kernel_refuses_code_stays_where_it_is(refused: str, largest: int) -> None:
    """No huge page, no right to execute what was written: nothing is lost, and nothing is left behind."""
    source = f"""
    import re
    from pathlib import Path
    from autograder.runner import code_pages
    import torch

    def sizes(kind):
        maps = Path("/proc/self/maps").read_text()
        found = re.findall(rf"(\\w+)-(\\w+) {{kind}} \\S+ \\S+ 0 *\\n", maps)
        return [int(end, 16) - int(begin, 16) for begin, end in found]

    before = sum(sizes("rw-p"))
    code_pages._libc.{refused} = lambda *arguments: code_pages._FAILED
    code_pages.move(code_pages.open_page_map())
    print(max(sizes("r-xp"), default=0) <= {largest}, sum(sizes("rw-p")) - before < 4 << 20)
    """
    assert alone(source) == "True True"


def test_without_a_page_map_there_is_nothing_to_go_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not read its own is told so, and moves nothing."""
    monkeypatch.setattr(os, "open", refuse)
    assert code_pages.open_page_map() is None


def refuse(*_: object) -> int:
    raise PermissionError
