"""Which column is which: what hospitals call them, and what is proposed where nothing fits."""

from __future__ import annotations

import pytest

from bert4text.core.errors import SchemaError
from bert4text.data.columns import DEFAULT_NAMES, find_default, take_columns


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["ID", "Laudo", "Rótulo", "Prontuário"], "id=ID text=Laudo labels=Rótulo patient=Prontuário"),
        (["laudo_id", "texto do laudo"], "id=laudo_id text=texto do laudo"),
        (["TEXTO_LAUDO", "Data-do-Laudo"], "text=TEXTO_LAUDO written_at=Data-do-Laudo"),
        (["laudo", "texto"], "text=texto"),
        (["reportText", "report"], "text=report"),
        (["Informe", "etiqueta", "Fecha"], "text=Informe labels=etiqueta written_at=Fecha"),
        ([" Texto ", "texto livre"], "text= Texto "),
        (["texto", "id do paciente", "id"], "id=id text=texto patient=id do paciente"),
    ],
)
def test_usual_names_are_found_however_they_are_written(names: list[str], taken: str) -> None:
    found = take_columns(names, {})
    assert " ".join(f"{ours}={theirs}" for ours, theirs in found.items()) == taken


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["exame", "DS_LAUDO"], "did you mean 'DS_LAUDO'? --columns text=DS_LAUDO"),
        (["exame", "Laudo final"], "did you mean 'Laudo final'? --columns \"text=Laudo final\""),
        (["laudo_id", "achados"], "say which it is: --columns text=NAME"),
        (["exame", "textos"], "did you mean 'textos'? --columns text=textos"),
    ],
)
def test_a_column_is_proposed_for_the_text_that_is_not_found(names: list[str], hint: str) -> None:
    with pytest.raises(SchemaError) as caught:
        take_columns(names, {})
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["Médico Solicitante"], "medico_solicitante", "Médico Solicitante"),
        (["#", "?"], "?", "?"),
        (["#"], "?", None),
        (["a b", "ab"], "ab", "ab"),
        (["me\u0301dico"], "médico", "me\u0301dico"),
    ],
)
def test_a_column_is_found_by_the_words_of_its_name(names: list[str], wanted: str, found: str | None) -> None:
    assert find_default(names, [wanted]) == found


def test_no_usual_name_means_two_things() -> None:
    every = [name for names in DEFAULT_NAMES.values() for name in names]
    assert len(set(every)) == len(every)
