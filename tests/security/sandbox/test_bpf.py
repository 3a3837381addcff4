from __future__ import annotations

import struct

from tests.support.bpf_machine import judge

from localgpt.security.sandbox import bpf

YES, NO = bpf.end(bpf.ALLOW), bpf.end(bpf.refuse(1))


def test_an_instruction_is_eight_bytes_of_code_jumps_and_value():
    assert struct.unpack("<HBBI", bpf.load(4)) == (0x20, 0, 0, 4)
    assert struct.unpack("<HBBI", bpf.end(bpf.refuse(38))) == (0x06, 0, 0, 0x00050026)


def test_branches_run_their_part_and_go_on_behind_it():
    look = bpf.load(bpf.NUMBER)
    assert judge(look + bpf.if_equal(5, NO) + YES, 5) == bpf.refuse(1)
    assert judge(look + bpf.if_equal(5, NO) + YES, 6) == bpf.ALLOW
    assert judge(look + bpf.unless_equal(5, NO) + YES, 6) == bpf.refuse(1)
    assert judge(look + bpf.unless_equal(5, NO) + YES, 5) == bpf.ALLOW
    assert judge(look + bpf.if_at_least(5, NO) + YES, 5) == bpf.refuse(1)
    assert judge(look + bpf.if_at_least(5, NO) + YES, 4) == bpf.ALLOW
    assert judge(look + bpf.if_any_bit(6, NO) + YES, 4) == bpf.refuse(1)
    assert judge(look + bpf.if_any_bit(6, NO) + YES, 9) == bpf.ALLOW


def test_a_mask_keeps_bits_of_an_argument():
    program = bpf.load(bpf.argument(1)) + bpf.keep(0xF0) + bpf.if_equal(0x20, NO) + YES
    assert judge(program, 0, 0, 0x2F) == bpf.refuse(1)
    assert judge(program, 0, 0x2F, 0) == bpf.ALLOW
