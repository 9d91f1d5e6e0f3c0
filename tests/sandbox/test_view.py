"""What exists inside the sandbox, and what is left for the next runner."""

from __future__ import annotations

import hashlib

import pytest

from autograder.sandbox import view
from tests.confined import Confined

HIDDEN = [
    "/proc",
    "/proc/1/environ",
    "/proc/1/cmdline",
    "/proc/self/mem",
    "/proc/self/maps",
    "/scratch",
    "/dev/shm",
    "/tmp",
]
HIDDEN += [
    "/",
    "/home",
    "/root",
    "/var",
    "/sys",
    "/run",
    "/etc/passwd",
    "/etc/shadow",
    "/dev/tty",
    str(view.PACKAGE.parent),
]


@pytest.mark.parametrize("path", HIDDEN)
def test_a_runner_cannot_read(confined: Confined, path: str) -> None:
    """The path is not there, or reading it is refused."""
    source = f"import os\nos.listdir({path!r}) if os.path.isdir({path!r}) else open({path!r}, 'rb').read(1)"
    assert confined.run(source).errors[0] in {"PermissionError", "FileNotFoundError"}


def test_only_our_code_for_the_untrusted_side_is_there(confined: Confined) -> None:
    """Of this package only the runner and the wire can be read or imported: no check, no grading."""
    ended = confined.run(
        "import os, sys\nprint(sorted(os.listdir('/grader/autograder')))",
        "import autograder.sandbox",
        "import autograder.results",
        "print([name for name in sys.modules if name.split('.')[:2] "
        "in (['autograder', 'checks'], ['autograder', 'course'])])",
    )
    assert ended.errors == ["", "ModuleNotFoundError", "ModuleNotFoundError", ""]
    assert ended.output == "['__init__.py', 'runner', 'wire']\n[]\n"


def test_the_environment_says_nothing(confined: Confined) -> None:
    """No variable of the grader's own environment reaches a runner, and the arguments name no path of ours."""
    ended = confined.run("import os, sys\nprint(sorted(os.environ), sys.argv, sys.orig_argv[-1])")
    assert set(ended.output.split("]")[0].strip("[").replace("'", "").split(", ")) <= {
        *view.environment(),
        "PWD",
        "TORCHINDUCTOR_CACHE_DIR",
    }
    assert str(view.PACKAGE.parent) not in ended.output


@pytest.mark.parametrize(
    "path",
    ["/written", "/scratch/x", "/dev/shm/x", "/tmp/x", "/usr/x", "/grader/x", "/proc/self/oom_score_adj"],
)
def test_a_runner_writes_nowhere_but_in_its_folder(confined: Confined, path: str) -> None:
    """Writing is refused everywhere else."""
    assert confined.run(f"open({path!r}, 'w')").errors[0] in {
        "PermissionError",
        "OSError",
        "FileNotFoundError",
    }


def test_the_next_runner_finds_a_clean_world(confined: Confined) -> None:
    """Files, deep trees, the working directory, the umask, the environment and modules end with a runner."""
    confined.run(
        """
        import builtins, os, sys, torch
        open("left", "w").write("x")
        os.environ["LEFT"] = "1"
        os.umask(0o777)
        builtins.left = sys.modules["left"] = torch.nn.left = 1
        for _ in range(500):
            os.mkdir("d")
            os.chdir("d")
        """
    )
    ended = confined.run(
        """
        import builtins, os, sys, torch
        print(os.listdir("."), os.getcwd(), os.umask(0), "LEFT" in os.environ)
        print(hasattr(builtins, "left"), "left" in sys.modules, hasattr(torch.nn, "left"))
        """
    )
    assert ended.output == f"[] {view.FOLDER} {0o22} False\nFalse False False\n"


# Looks through the heap and the arenas of its own process for a word of which it knows a half and a hash only.
SEARCH = """
import ctypes, hashlib, os
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
reader, writer = os.pipe()
step, found, searched = 1 << 15, 0, 0
top, arena = libc.sbrk(0), id(object())
for start, end in ((top - (160 << 20), top), (arena - (64 << 20), arena + (64 << 20))):
    for address in range(start - start % step, end, step):
        size = libc.write(writer, ctypes.c_void_p(address), step)  # fails where nothing is mapped
        if size <= 0:
            continue
        chunk, at = os.read(reader, size), -1
        searched += size
        while (at := chunk.find({half!r}, at + 1)) >= 0:
            found += hashlib.sha256(chunk[at + 10:at + 20]).hexdigest() == {digest!r}
print(searched > 50 << 20, found > 0)
"""


def test_nothing_of_one_submission_is_in_the_memory_of_the_next(confined: Confined) -> None:
    """A word of one runner's source is found in that runner's memory, and not in the next one's."""
    word = b"gibbously-unhallowed"
    search = SEARCH.format(half=word[:10], digest=hashlib.sha256(word[10:]).hexdigest())
    source = f"answer = '{word.decode()}'"
    assert confined.run(source, search).output == "True True\n"
    assert confined.run(search).output == "True False\n"
