"""What a freshly forked runner does to itself, in this order, before it reads a byte of student code.

    dumpable on → oom score → own user, mount and IPC namespaces → uid map, a tmpfs as its folder →
    capabilities dropped → dies with its parent → dumpable off → rlimits → Landlock → seccomp

The order is forced: the uid map can be written only by a dumpable process, mounting needs the
capabilities of the new namespace, dropping those clears the death signal, Landlock must open its paths
while they can still be read, and seccomp forbids all of the above. Each layer that was applied is
reported to the trusted side, by name.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import resource
import signal
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import sandlock  # type: ignore[import-untyped]
from msgspec import Struct
from sandlock import _sdk

from autograder.wire.control import PID_PLACEHOLDER

_libc = ctypes.CDLL(None, use_errno=True)
_prctl = _libc.prctl
_prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)  # faster than finding out at every call

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND = 1, 2, 4, 32, 4096
LAST_CAPABILITY = 63
_THIS_PROCESS = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
_NO_CAPABILITIES = (ctypes.c_uint32 * 6)()
INSTRUCTION_BYTES = 8  # struct sock_filter
MIB = 1 << 20
_PID = struct.Struct("<I")


class Confinement(Struct, frozen=True):
    """What to apply. ``layers`` are names of DESIGN's table; sizes carry their unit."""

    layers: tuple[str, ...]
    uid: int
    gid: int
    folder: str
    readable: tuple[str, ...]
    writable: tuple[str, ...]
    sealed: tuple[str, ...]  # file systems that the fork server may write to, and a runner may not
    seccomp_filter: bytes
    cpu_seconds: int
    memory_mib: int
    file_mib: int
    folder_mib: int
    folder_inodes: int
    open_files: int
    threads: int
    data: str  # what ``data`` in the folder leads to; empty: there is none


class ConfinementFailed(Exception):
    """A layer that was asked for could not be applied; the text says which and why."""


class Confiner:
    """A confinement that is ready to be applied: what can be worked out before the fork is, and not in every runner.

    Raises :class:`ConfinementFailed` where Landlock's part cannot be made.
    """

    def __init__(self, wanted: Confinement) -> None:
        self._wanted = wanted
        self._folder = wanted.folder.encode()
        size = f"size={wanted.folder_mib}m,nr_inodes={wanted.folder_inodes}"
        self._options = f"{size},mode=0700,uid={wanted.uid},gid={wanted.gid}".encode()
        self._sealed = [path.encode() for path in wanted.sealed]
        self._limits = _limits(wanted)
        self._landlock = _landlock_policy(wanted) if "landlock" in wanted.layers else None
        self._filter = _Filter(wanted.seccomp_filter) if "seccomp" in wanted.layers else None

    def apply(self) -> None:
        """Apply every wanted layer to this process, for good; raises :class:`ConfinementFailed`."""
        os.setsid()
        _set_dumpable(True)
        _write("/proc/self/oom_score_adj", b"1000")
        if "namespaces" in self._wanted.layers:
            self._enter_namespaces()
        os.chdir(self._wanted.folder)
        if self._wanted.data:
            with suppress(FileExistsError):  # without namespaces another runner may share the folder
                os.symlink(self._wanted.data, "data")  # noqa: PTH211
        _drop_capabilities()
        die_with_parent()
        _set_dumpable(False)
        if "rlimits" in self._wanted.layers:
            self._limit_resources()
        if _prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _failed("no_new_privs")
        if self._landlock is not None and _sdk._lib.sandlock_confine(self._landlock.ptr):
            raise ConfinementFailed("landlock: it was refused")
        if self._filter is not None:
            self._filter.load()

    def _enter_namespaces(self) -> None:
        if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC):
            raise _failed("namespaces: unshare")
        uid, gid = self._wanted.uid, self._wanted.gid
        try:
            _write("/proc/self/setgroups", b"deny")
            _write("/proc/self/uid_map", b"%d %d 1" % (uid, uid))
            _write("/proc/self/gid_map", b"%d %d 1" % (gid, gid))
        except OSError as error:
            raise ConfinementFailed(f"namespaces: {error}") from None
        if _libc.mount(b"tmpfs", self._folder, b"tmpfs", MS_NOSUID | MS_NODEV, self._options):
            raise _failed("namespaces: mount of the folder")
        for path in self._sealed:
            flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
            if _libc.mount(None, path, None, flags, None):
                raise _failed(f"namespaces: {path.decode()} read-only")

    def _limit_resources(self) -> None:
        now = int(_read("/proc/self/statm").split()[0]) * resource.getpagesize()
        for number, value in ((resource.RLIMIT_AS, (now + self._wanted.memory_mib * MIB,) * 2), *self._limits):
            try:
                resource.setrlimit(number, value)
            except (OSError, ValueError) as error:
                raise ConfinementFailed(f"rlimits: {_told(number, value[0]) or error}") from None


def _told(number: int, needed: int) -> str:
    """Which setting is above what this machine allows, in the setting's own unit; empty if none is behind it."""
    setting, unit_bytes, unit, option = _SETTINGS.get(number, ("", 1, "", ""))
    if not setting:
        return ""
    most = f"{resource.getrlimit(number)[1] / unit_bytes:.2f}".rstrip("0").rstrip(".")
    allowed = f"{most}{unit} is all that this machine allows the grader itself"
    if number == resource.RLIMIT_AS:
        allowed += f"; with what PyTorch takes, {needed // unit_bytes}{unit} are needed"
    return f"{setting}: {allowed}. Raise that (ulimit -H{option}), or lower limits.{setting}"


def become(uid: int, gid: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def die_with_parent() -> None:
    """SIGKILL when the process that forked this one ends; a change of user or capabilities clears it."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _drop_capabilities() -> None:
    for capability in range(LAST_CAPABILITY + 1):
        if _prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) and ctypes.get_errno() == errno.EINVAL:
            break  # this kernel has no more of them
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if _libc.capset(_THIS_PROCESS, _NO_CAPABILITIES):
        raise _failed("capabilities")


def _limits(wanted: Confinement) -> list[tuple[int, tuple[int, int]]]:
    """All but the address space's, which depends on its size after the fork."""
    return [
        (resource.RLIMIT_CPU, (wanted.cpu_seconds, wanted.cpu_seconds + 1)),
        (resource.RLIMIT_FSIZE, (wanted.file_mib * MIB,) * 2),
        (resource.RLIMIT_NOFILE, (wanted.open_files,) * 2),
        (resource.RLIMIT_NPROC, (wanted.threads,) * 2),
        (resource.RLIMIT_CORE, (1, 1)),  # piped core handlers ignore 0
        (resource.RLIMIT_MEMLOCK, (0, 0)),
        (resource.RLIMIT_MSGQUEUE, (0, 0)),
        (resource.RLIMIT_NICE, (0, 0)),
        (resource.RLIMIT_RTPRIO, (0, 0)),
        (resource.RLIMIT_SIGPENDING, (256, 256)),
    ]


_SETTINGS = {
    resource.RLIMIT_AS: ("memory_mib", MIB, " MiB", "v"),
    resource.RLIMIT_CPU: ("cpu_seconds", 1, " s", "t"),
    resource.RLIMIT_FSIZE: ("file_mib", MIB, " MiB", "f"),
    resource.RLIMIT_NOFILE: ("open_files", 1, "", "n"),
    resource.RLIMIT_NPROC: ("threads", 1, "", "u"),
}  # the course's, its unit, and the shell's option, by the limit that each becomes


def _landlock_policy(wanted: Confinement) -> Any:
    """What Landlock is to allow, as sandlock's library has it; ``sandlock.confine`` would make it in every runner.

    Its folders are opened only when it is applied: a runner's own does not exist before.
    """
    scopes = [sandlock.Protection.SIGNAL_SCOPE, sandlock.Protection.ABSTRACT_UNIX_SOCKET_SCOPE]
    policy = sandlock.Sandbox(
        fs_readable=[path for path in wanted.readable if os.access(path, os.F_OK)],
        fs_writable=[wanted.folder, *wanted.writable],
        allow_degraded=[*scopes, sandlock.Protection.NET_TCP, sandlock.Protection.FS_IOCTL_DEV],
    )
    try:
        return _sdk._NativePolicy.from_dataclass(policy)
    except sandlock.SandlockError as error:
        raise ConfinementFailed(f"landlock: {error}") from None


class _Program(ctypes.Structure):
    """The kernel's ``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class _Filter:
    """A seccomp filter in memory, with the places where each runner puts its own pid."""

    def __init__(self, program: bytes) -> None:
        placeholder = _PID.pack(PID_PLACEHOLDER)
        self._code = ctypes.create_string_buffer(program, len(program))
        self._places = [found.start() for found in re.finditer(re.escape(placeholder), program)]
        self._argument = _Program(len(program) // INSTRUCTION_BYTES, ctypes.addressof(self._code))

    def load(self) -> None:
        for place in self._places:
            _PID.pack_into(self._code, place, os.getpid())
        if _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(self._argument), 0, 0):
            raise _failed("seccomp")


def close_all_but(keep: Sequence[int]) -> None:
    """Close every descriptor but ``keep``, and put ``/dev/null`` on 0, 1 and 2."""
    low = 0
    for descriptor in sorted(keep):
        if descriptor > low:
            os.closerange(low, descriptor)
        low = descriptor + 1
    if _libc.close_range(ctypes.c_uint(low), ctypes.c_uint(0xFFFFFFFF), 0):
        raise _failed("close_range")
    null = os.open("/dev/null", os.O_RDWR)
    if null != 0:
        raise ConfinementFailed("descriptor 0 was not free")
    os.dup2(0, 1)
    os.dup2(0, 2)


def _set_dumpable(value: bool) -> None:
    if _prctl(PR_SET_DUMPABLE, int(value), 0, 0, 0):
        raise _failed("dumpable")


def _write(path: str, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)  # open() would look up a codec: 1.5 ms in every fork
    try:
        os.write(descriptor, text)
    finally:
        os.close(descriptor)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4_096)
    finally:
        os.close(descriptor)


def _failed(what: str) -> ConfinementFailed:
    return ConfinementFailed(f"{what}: {os.strerror(ctypes.get_errno())}")
