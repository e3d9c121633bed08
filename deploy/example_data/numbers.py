"""Numbers with a check letter or digit: well formed, and plainly nobody's."""

from __future__ import annotations

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NOT_YET_AT_SCHOOL = "UN1"
"""The SSDA903 code in place of a pupil number for a child below school age."""


def upn(council_number: int, year: int, serial: int) -> str:
    """A Unique Pupil Number: check letter, council, school 0000 (there is none), last two digits of the year, serial.

    Department for Education's rule: the twelve digits weighted 2 to 13, the sum modulo 23 picks the letter.
    """
    digits = f"{council_number:03d}0000{year % 100:02d}{serial:03d}"
    letter = _UPN_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, start=2)) % 23]
    return letter + digits


def nhs_number(serial: int) -> str:
    """The first valid number from 999 followed by the serial on; the NHS keeps numbers that begin with 999 for tests.

    NHS Data Dictionary's rule: nine digits weighted 10 to 2, 11 minus the sum modulo 11 is the check digit, 11 counts as 0 and
    10 makes no number. Ten serials lie between two children's, so that the next one up is free.
    """
    for candidate in range(serial * 10, serial * 10 + 10):
        digits = f"999{candidate:06d}"
        check = 11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
        if check != 10:
            return f"{digits}{check % 11}"
    raise AssertionError("ten numbers in a row cannot all lack a check digit")
