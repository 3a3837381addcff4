from __future__ import annotations

import errno

import pytest
from tests.support.bpf_machine import judge

from localgpt.security.sandbox import bpf, numbers, seccomp

EPERM, ENOSYS = bpf.refuse(errno.EPERM), bpf.refuse(errno.ENOSYS)
BOTH = pytest.mark.parametrize("architecture", [numbers.X86_64, numbers.AARCH64])


def verdict(architecture, name, *arguments, network=False, signals=True):
    program = seccomp.program(architecture, network=network, signals=signals)
    return judge(
        program, numbers.table(architecture)[name], *arguments, architecture=numbers.AUDIT_ARCH[architecture]
    )


@BOTH
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("ptrace", (), EPERM), ("bpf", (), EPERM), ("setns", (), EPERM), ("mount", (), EPERM), ("keyctl", (), EPERM),
        ("io_uring_setup", (), ENOSYS), ("clone3", (), ENOSYS), ("openat2", (), ENOSYS), ("memfd_create", (), ENOSYS),
        ("clone", (0x10000011,), EPERM), ("clone", (0x11,), bpf.ALLOW), ("clone", (0x3D0F00,), bpf.ALLOW),
        ("ioctl", (0, 0x5412), EPERM), ("ioctl", (0, 0x541C), EPERM), ("ioctl", (0, 0x5401), bpf.ALLOW),
        ("ioctl", (0, 0xFFFFFFFF00005412), EPERM),
        ("socket", (2,), EPERM), ("socket", (1,), EPERM), ("socketpair", (1,), bpf.ALLOW), ("socketpair", (2,), EPERM),
        ("fchmod", (3, 0o755), bpf.ALLOW), ("fchmod", (3, 0o4755), EPERM), ("fchmodat", (3, 0, 0o2755), EPERM),
        ("fchmodat2", (3, 0, 0o4755), EPERM), ("openat", (3, 0, 0x41, 0o4755), EPERM),
        ("openat", (3, 0, 0x41, 0o644), bpf.ALLOW), ("openat", (3, 0, 0, 0o4755), bpf.ALLOW),
        ("openat", (3, 0, 0x410000, 0o4755), EPERM), ("mknodat", (3, 0, 0o060644), EPERM),
        ("mknodat", (3, 0, 0o010644), bpf.ALLOW), ("personality", (0,), bpf.ALLOW), ("personality", (8,), EPERM),
        ("personality", (0xFFFFFFFF,), bpf.ALLOW), ("prlimit64", (0,), bpf.ALLOW), ("prlimit64", (7,), EPERM),
        ("setpriority", (0, 7), EPERM), ("sched_setaffinity", (0,), bpf.ALLOW), ("kill", (5,), bpf.ALLOW),
    ],
)  # fmt: skip
def test_calls_are_judged(architecture, name, arguments, expected):
    assert verdict(architecture, name, *arguments) == expected


@BOTH
def test_calls_of_tomorrow_do_not_exist_and_everything_else_is_allowed(architecture):
    program = seccomp.program(architecture, network=False, signals=True)
    arch = numbers.AUDIT_ARCH[architecture]
    assert judge(program, numbers.HIGHEST + 1, architecture=arch) == ENOSYS
    named = {*seccomp.REFUSED, *seccomp.MISSING}
    refused = {number for name, number in numbers.table(architecture).items() if name in named}
    judged = {
        number
        for number in range(numbers.HIGHEST + 1)
        if judge(program, number, architecture=arch) in {EPERM, ENOSYS}
    }
    # without arguments a socket (or a pair of them) of family 0 is refused too
    assert judged - refused == {numbers.table(architecture)[name] for name in ("socket", "socketpair")}


def test_another_architecture_and_its_numbers_end_the_process():
    program = seccomp.program(numbers.X86_64, network=True, signals=True)
    assert judge(program, 20, architecture=0x40000003) == bpf.KILL  # 32 bit
    assert judge(program, 0x40000000 + 1) == bpf.KILL  # x32


@BOTH
def test_the_network_is_the_internet_only(architecture):
    families = {
        family: verdict(architecture, "socket", family, network=True) for family in (1, 2, 10, 16, 17, 38, 40)
    }
    assert [family for family, given in families.items() if given == bpf.ALLOW] == [2, 10]


@BOTH
def test_without_signals_only_the_own_group_is_reached(architecture):
    assert verdict(architecture, "kill", 0, signals=False) == bpf.ALLOW
    assert verdict(architecture, "kill", 0xFFFFFFFF, signals=False) == EPERM
    assert verdict(architecture, "kill", 4711, signals=False) == EPERM
    assert {verdict(architecture, name, signals=False) for name in seccomp.SIGNALS} == {EPERM}


@pytest.mark.parametrize(
    "program", [seccomp.program(one, network=False, signals=False) for one in numbers.OWN]
)
def test_a_filter_fits_into_the_kernel(program):
    assert len(program) // 8 <= 4096
