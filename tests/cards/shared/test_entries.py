import pytest

from builders.schema import DECISION, ENTRY
from cards.shared.entries import Decision, Entry


def an_entry(**changes):
    nothing = dict.fromkeys(("stage", "rule", "score", "evidence", "duplicate_of", "split"))
    return Entry(**(nothing | {"id": "fila-1", "status": "kept", "edits": [], "flags": []} | changes))


def test_the_fields_are_the_ledgers():
    assert Decision.__struct_fields__ == DECISION
    assert Entry.__struct_fields__ == ("id", *ENTRY)


def test_what_became_of_a_row_in_words():
    assert an_entry(status="dropped", stage="quality", rule="refusal").outcome() == "dropped at quality by refusal"
    assert an_entry(split="train").outcome() == "kept in train"


@pytest.mark.parametrize(
    ("entry", "pieces"),
    [
        (("dropped", "quality", "refusal", "Lo siento", []), ["Lo siento"]),
        (("dropped", "quality", "contaminated", "xquad-es: el río más largo", []), ["el río más largo"]),
        (("dropped", "language", "answer_language", "fastText en 0.98", []), []),
        (("dropped", "dedup", "near_duplicate", "resembles the duplicate", ["cut_off"]), []),
        (("kept", None, None, "cut_off: y luego; english_form: que rimen", ["cut_off", "english_form"]), ["y luego", "que rimen"]),
        (("kept", None, None, None, []), []),
    ],
)  # fmt: skip
def test_evidence_that_is_a_piece_of_the_row(entry, pieces):
    status, stage, rule, evidence, flags = entry

    assert an_entry(status=status, stage=stage, rule=rule, evidence=evidence, flags=flags).pieces() == pieces
