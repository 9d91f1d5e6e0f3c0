"""The seccomp filter of a runner: an allow-list; whatever is not on it does not exist (ENOSYS).

ENOSYS rather than EPERM, because libraries fall back on it: glibc from ``clone3`` to ``clone``, libgomp from
affinity to none. What would only change a file's looks succeeds without effect; extended attributes are
"not supported", which ``shutil.copy2`` understands. The filter holds a placeholder where a runner puts its own
pid. Compiled by libseccomp here, outside, and loaded by the runner as plain bytes.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Iterable

from autograder.errors import SandboxError
from autograder.wire.control import PID_PLACEHOLDER

ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close fsync fdatasync ftruncate truncate
    fallocate sendfile copy_file_range flock fadvise64 readahead sync_file_range
    stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 open openat readlink readlinkat
    getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat umask dup dup2 dup3 pipe pipe2
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd2
    timerfd_create timerfd_settime timerfd_gettime
    mmap munmap mprotect mremap madvise brk mincore msync get_mempolicy
    futex futex_waitv set_robust_list rseq membarrier set_tid_address arch_prctl restart_syscall
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_min
    sched_get_priority_max getpriority getcpu
    getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgid getpgrp getsid
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigpending rt_sigsuspend sigaltstack pause
    alarm setitimer getitimer wait4 waitid
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times
    getrusage getrlimit uname sysinfo getrandom exit exit_group
    shutdown getsockname getpeername getsockopt
""".split()

WITHOUT_EFFECT = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat
""".split()

UNSUPPORTED = """
    setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
    removexattr lremovexattr fremovexattr
""".split()

FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 1030, 1032)  # DUPFD … SETLKW, DUPFD_CLOEXEC, GETPIPE_SZ
IOCTL_REQUESTS = (
    0x5401,
    0x5413,
    0x5421,
    0x541B,
    0x5450,
    0x5451,
)  # TCGETS TIOCGWINSZ FIONBIO FIONREAD FIO(N)CLEX
PRCTL_OPTIONS = (3, 15, 16, 21, 39, 0x53564D41)  # GET_DUMPABLE, name, GET_SECCOMP, GET_NO_NEW_PRIVS, SET_VMA
CLONE_THREAD = 0x00010000
AF_UNIX = 1


@functools.cache
def compiled() -> bytes:
    """The filter as an array of ``struct sock_filter``.

    Raises :class:`SandboxError` where libseccomp is missing.
    """
    try:
        import pyseccomp as seccomp  # type: ignore[import-untyped]
    except (ImportError, RuntimeError, OSError) as error:
        raise SandboxError(f"libseccomp cannot be used: {error}") from None
    made = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    made.set_attr(seccomp.Attr.CTL_OPTIMIZE, 2)

    def rule(action: int, names: Iterable[str], *conditions: object) -> None:
        for name in names:
            number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
            if number >= 0:  # negative: not a call of this architecture
                made.add_rule(action, number, *conditions)

    def is_(argument: int, value: int) -> object:
        return seccomp.Arg(argument, seccomp.EQ, value)

    rule(seccomp.ALLOW, ALLOWED)
    rule(seccomp.ERRNO(0), WITHOUT_EFFECT)
    rule(seccomp.ERRNO(errno.ENOTSUP), UNSUPPORTED)
    rule(seccomp.ALLOW, ["clone"], seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
    rule(seccomp.ALLOW, ["kill", "tgkill"], is_(0, PID_PLACEHOLDER))
    for own in (0, PID_PLACEHOLDER):
        rule(seccomp.ALLOW, ["prlimit64"], is_(0, own), is_(2, 0))
    rule(seccomp.ALLOW, ["socketpair"], is_(0, AF_UNIX))
    rule(seccomp.ALLOW, ["sendto", "recvfrom"], is_(4, 0))
    for command in FCNTL_COMMANDS:
        rule(seccomp.ALLOW, ["fcntl"], is_(1, command))
    for request in IOCTL_REQUESTS:
        rule(seccomp.ALLOW, ["ioctl"], is_(1, request))
    for option in PRCTL_OPTIONS:
        rule(seccomp.ALLOW, ["prctl"], is_(0, option))
    reader, writer = os.pipe()
    with open(reader, "rb") as source, open(writer, "wb") as target:  # noqa: PTH123 - descriptors, not paths
        made.export_bpf(target)
        target.close()
        return source.read()
