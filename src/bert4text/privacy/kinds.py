"""The kinds of identifiers: what a span's label may be, and what each is called where it is replaced."""

from __future__ import annotations

from typing import NamedTuple

from bert4text.core.messages import N_


class Kind(NamedTuple):
    """One kind of identifier.

    Attributes:
        title: what it is, for people; a message id.
        tags: what stands in its place, by language of the report (pt, es, en).
        safe_harbor: the letters of 45 CFR 164.514(b)(2)(i) that it falls under; of numbers that are not
            American, the nearest.
    """

    title: str
    tags: tuple[str, str, str]
    safe_harbor: str


KINDS: dict[str, Kind] = {
    "patient": Kind(N_("name of a patient"), ("NOME", "NOMBRE", "NAME"), "A"),
    "relative": Kind(N_("name of a relative or companion"), ("FAMILIAR", "FAMILIAR", "RELATIVE"), "A"),
    "professional": Kind(N_("name of a professional"), ("PROFISSIONAL", "PROFESIONAL", "PROFESSIONAL"), "A"),
    "name": Kind(N_("name of a person"), ("NOME", "NOMBRE", "NAME"), "A"),
    "address": Kind(N_("address"), ("ENDEREÇO", "DIRECCIÓN", "ADDRESS"), "B"),
    "postal-code": Kind(N_("postal code"), ("CEP", "CÓDIGO POSTAL", "POSTAL CODE"), "B"),
    "place": Kind(N_("town, district or country"), ("LOCAL", "LUGAR", "PLACE"), "B"),
    "facility": Kind(N_("hospital, clinic or unit"), ("UNIDADE", "CENTRO", "FACILITY"), "B"),
    "birth-date": Kind(N_("date of birth"), ("NASCIMENTO", "NACIMIENTO", "DATE OF BIRTH"), "C"),
    "date": Kind(N_("date"), ("DATA", "FECHA", "DATE"), "C"),
    "time": Kind(N_("time of day"), ("HORA", "HORA", "TIME"), "C"),
    "age": Kind(N_("age"), ("IDADE", "EDAD", "AGE"), "C"),
    "phone": Kind(N_("phone or fax number"), ("TELEFONE", "TELÉFONO", "PHONE"), "DE"),
    "e-mail": Kind(N_("e-mail address"), ("E-MAIL", "CORREO", "E-MAIL"), "F"),
    "national-id": Kind(
        N_("number of an identity document or of social security"),
        ("DOCUMENTO", "DOCUMENTO", "IDENTITY NUMBER"),
        "G",
    ),
    "cpf": Kind(N_("CPF"), ("CPF", "CPF", "CPF"), "G"),
    "cns": Kind(N_("number of the health card (CNS)"), ("CNS", "CNS", "CNS"), "I"),
    "record": Kind(N_("number of a record, stay or visit"), ("PRONTUÁRIO", "HISTORIA", "RECORD"), "H"),
    "exam": Kind(N_("number of an exam, slide or request"), ("EXAME", "EXAMEN", "EXAM"), "R"),
    "plan": Kind(N_("number of a health plan"), ("CONVÊNIO", "ASEGURAMIENTO", "HEALTH PLAN"), "I"),
    "account": Kind(N_("number of an account or card"), ("CONTA", "CUENTA", "ACCOUNT"), "J"),
    "council": Kind(N_("registration of a professional"), ("REGISTRO", "COLEGIADO", "REGISTRATION"), "K"),
    "licence": Kind(N_("number of a licence or certificate"), ("LICENÇA", "LICENCIA", "LICENCE"), "K"),
    "vehicle": Kind(N_("plate or register of a vehicle"), ("VEÍCULO", "VEHÍCULO", "VEHICLE"), "L"),
    "device": Kind(N_("serial or lot number of a device"), ("DISPOSITIVO", "DISPOSITIVO", "DEVICE"), "M"),
    "url": Kind(N_("web address"), ("ENDEREÇO WEB", "WEB", "WEB ADDRESS"), "N"),
    "ip": Kind(N_("address of a computer"), ("IP", "IP", "IP"), "O"),
    "cnpj": Kind(N_("CNPJ"), ("CNPJ", "CNPJ", "CNPJ"), "R"),
    "credential": Kind(N_("password or user name"), ("SENHA", "CONTRASEÑA", "PASSWORD"), "R"),
    "organisation": Kind(N_("employer or other body"), ("INSTITUIÇÃO", "INSTITUCIÓN", "ORGANISATION"), "R"),
    "number": Kind(N_("other number of a person or exam"), ("NÚMERO", "NÚMERO", "NUMBER"), "R"),
}
"""Every kind, what persons are called first."""

PERSONS = frozenset({"patient", "relative", "professional", "name"})
"""Kinds that are names of persons."""

LANGUAGES = ("pt", "es", "en")
"""The languages of ``Kind.tags``, in their order."""


def tag(kind: str, language: str | None) -> str:
    """What stands in the place of an identifier, in brackets: ``[NOME]``, ``[DATE]``.

    Args:
        kind: one of ``KINDS``.
        language: of the report (``pt-BR``, ``es``, ``en``); Portuguese where it is none of them.
    """
    short = (language or "pt").split("-", maxsplit=1)[0]
    place = LANGUAGES.index(short) if short in LANGUAGES else 0
    return f"[{KINDS[kind].tags[place]}]"
