"""Which system calls a command may make: a filter against the parts of the kernel that no command of ours needs.

It refuses what opens networks, reaches other processes, makes namespaces or mounts, loads code into the kernel, sets
privileges on files, types into terminals, and every call younger than the table of numbers.
"""

from __future__ import annotations

import errno

from localgpt.security.sandbox import bpf, numbers

AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
_X32 = 0x40000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_NEW_NAMESPACE = 0x7E020080
_O_CREATES = 0x400040  # O_CREAT, or the bit that only O_TMPFILE has
_SET_ID = 0o6000
_TYPE, _CHARACTER, _BLOCK = 0o170000, 0o020000, 0o060000

REFUSED = (
    "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module",
    "fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module", "ioperm", "iopl",
    "kcmp", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mbind", "migrate_pages", "modify_ldt",
    "mount", "mount_setattr", "move_mount", "move_pages", "mq_open", "msgget", "name_to_handle_at", "nfsservctl",
    "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise",
    "process_mrelease", "process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "quotactl_fd", "reboot",
    "request_key", "semget", "set_mempolicy", "set_mempolicy_home_node", "setdomainname", "sethostname", "setns",
    "settimeofday", "shmat", "shmget", "swapoff", "swapon", "syslog", "umount2", "unshare", "uselib",
    "userfaultfd", "vhangup",
)  # fmt: skip

MISSING = (
    "clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret",
)  # fmt: skip
"""Calls that seem not to exist, so that programs fall back: the filter can't see into their arguments, or a limit can't."""

SIGNALS = ("tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
"""Refused where nothing else keeps signals inside."""

_MODES = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1}
_OPENS = {"open": (1, 2), "openat": (2, 3)}
_ON_ONESELF = {
    "prlimit64": 0, "sched_setaffinity": 0, "sched_setattr": 0, "sched_setparam": 0, "sched_setscheduler": 0,
    "setpriority": 1, "ioprio_set": 1,
}  # fmt: skip

_NO = bpf.end(bpf.refuse(errno.EPERM))
_YES = bpf.end(bpf.ALLOW)
_GONE = bpf.end(bpf.refuse(errno.ENOSYS))


def program(architecture: str, *, network: bool, signals: bool) -> bytes:
    """The filter for an architecture: with sockets to the Internet or none, with signals to others or none."""
    calls = numbers.table(architecture)
    rules = {**_plain(), **_by_argument(), "socket": _sockets(network)}
    if not signals:
        rules |= dict.fromkeys(SIGNALS, _NO) | {"kill": _only(0, {0})}
    body = b"".join(bpf.if_equal(calls[name], rule) for name, rule in rules.items() if name in calls)
    return _head(architecture) + body + _YES


def _head(architecture: str) -> bytes:
    begin = bpf.load(bpf.ARCHITECTURE)
    begin += bpf.unless_equal(numbers.AUDIT_ARCH[architecture], bpf.end(bpf.KILL)) + bpf.load(bpf.NUMBER)
    x32 = bpf.if_at_least(_X32, bpf.end(bpf.KILL)) if architecture == numbers.X86_64 else b""
    return begin + x32 + bpf.if_at_least(numbers.HIGHEST + 1, _GONE)


def _plain() -> dict[str, bytes]:
    return dict.fromkeys(REFUSED, _NO) | dict.fromkeys(MISSING, _GONE)


def _by_argument() -> dict[str, bytes]:
    return {
        "ioctl": _none_of(1, (_TIOCSTI, _TIOCLINUX)),
        "clone": _no_bits(0, _NEW_NAMESPACE),
        "socketpair": _only(0, {AF_UNIX}),
        "personality": _only(0, {0, 0xFFFFFFFF}),
        "mknod": _no_device(1),
        "mknodat": _no_device(2),
        **{name: _no_bits(index, _SET_ID) for name, index in _MODES.items()},
        **{name: _made_without_privilege(*where) for name, where in _OPENS.items()},
        **{name: _only(index, {0}) for name, index in _ON_ONESELF.items()},
    }


def _sockets(network: bool) -> bytes:
    return _only(0, {AF_INET, AF_INET6}) if network else _NO


def _only(index: int, values: set[int]) -> bytes:
    return bpf.load(bpf.argument(index)) + b"".join(bpf.if_equal(one, _YES) for one in sorted(values)) + _NO


def _none_of(index: int, values: tuple[int, ...]) -> bytes:
    return bpf.load(bpf.argument(index)) + b"".join(bpf.if_equal(one, _NO) for one in values) + _YES


def _no_bits(index: int, mask: int) -> bytes:
    return bpf.load(bpf.argument(index)) + bpf.if_any_bit(mask, _NO) + _YES


def _no_device(index: int) -> bytes:
    kinds = b"".join(bpf.if_equal(kind, _NO) for kind in (_CHARACTER, _BLOCK))
    return bpf.load(bpf.argument(index)) + bpf.keep(_TYPE) + kinds + _YES


def _made_without_privilege(flags: int, mode: int) -> bytes:
    """An open that makes a file: not one that runs as somebody else."""
    judged = _no_bits(mode, _SET_ID)
    return bpf.load(bpf.argument(flags)) + bpf.if_any_bit(_O_CREATES, judged) + _YES
