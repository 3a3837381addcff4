from __future__ import annotations

import pytest

from localgpt.security.sandbox import numbers, seccomp


@pytest.mark.parametrize("architecture", [numbers.X86_64, numbers.AARCH64])
def test_a_table_has_one_number_for_each_call(architecture):
    table = numbers.table(architecture)
    assert len(set(table.values())) == len(table)
    assert max(table.values()) <= numbers.HIGHEST


@pytest.mark.parametrize("architecture", [numbers.X86_64, numbers.AARCH64])
def test_every_refused_call_has_a_number_where_it_exists(architecture):
    only_on_x86 = {"ioperm", "iopl", "lookup_dcookie", "modify_ldt", "nfsservctl", "uselib"}
    missing = {*seccomp.REFUSED, *seccomp.MISSING, *seccomp.SIGNALS} - numbers.table(architecture).keys()
    assert missing == (set() if architecture == numbers.X86_64 else only_on_x86)


def test_an_unknown_architecture_is_refused():
    with pytest.raises(NotImplementedError, match="riscv64"):
        numbers.table("riscv64")
