"""Check digits: which documents a number can be. None of them clears a number that a word says is one."""

from __future__ import annotations

from collections.abc import Callable

from stdnum import luhn
from stdnum.es import dni, nie
from stdnum.gb import nhs
from stdnum.us import ssn
from validate_docbr import CNH, CNPJ, CPF, PIS, RENAVAM, TituloEleitoral

_LEAST_DIGITS = 3  # different ones: 000.000.000-00 is a blank, and passes every sum


def is_cns(number: str) -> bool:
    """Whether 15 digits can be a number of the health card: weights 15 to 1, modulo 11."""
    digits = [int(sign) for sign in number]
    if len(digits) != 15 or digits[0] not in {1, 2, 7, 8, 9}:
        return False
    return sum(weight * digit for weight, digit in zip(range(15, 0, -1), digits, strict=True)) % 11 == 0


_BY_LENGTH: dict[int, tuple[tuple[str, Callable[[str], bool]], ...]] = {
    9: (("national-id", ssn.is_valid),),
    10: (("national-id", nhs.is_valid),),
    11: (
        ("cpf", CPF().validate),
        ("national-id", PIS().validate),
        ("licence", CNH().validate),
        ("vehicle", RENAVAM().validate),
    ),
    12: (("national-id", TituloEleitoral().validate),),
    14: (("cnpj", CNPJ().validate),),
    15: (("cns", is_cns),),
    16: (("account", luhn.is_valid),),
}


def kind_by_digits(digits: str) -> str | None:
    """The kind of document whose check digits a number of digits alone fits, or None.

    A number of 11 digits may fit several: the commonest is told.
    """
    if len(set(digits)) < _LEAST_DIGITS:
        return None
    return next((kind for kind, fits in _BY_LENGTH.get(len(digits), ()) if fits(digits)), None)


def is_cnpj(number: str) -> bool:
    """Whether 14 signs, letters among them since July 2026, can be a CNPJ."""
    return len(set(number)) >= _LEAST_DIGITS and CNPJ().validate(number.upper())


def is_spanish(number: str) -> bool:
    """Whether a number with its letter can be a DNI or a NIE."""
    plain = number.upper().replace("-", "").replace(".", "")
    return dni.is_valid(plain) or nie.is_valid(plain)
