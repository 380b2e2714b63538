import msgspec

from builders.reading.audit import audit, audited
from builders.reading.looks import before, looks_of
from builders.versions.registry import build
from tests.builders.rows import ROWS, small_recipe, write_rows

SHORT = [(f"corta-{number}", f"Di el número {number}.", "", f"{number}.") for number in range(1, 400)]


def test_the_version_before_is_the_one_with_the_next_lower_number(tmp_path):
    first, second = (
        build(small_recipe(write_rows(tmp_path / f"{name}.jsonl", rows)), tmp_path / "versions").version
        for name, rows in (("una", ROWS), ("dos", [*ROWS, *SHORT]))
    )
    assert before(second, tmp_path / "versions").label == first.label
    assert before(first, tmp_path / "versions") is None
    (first.path / "manifest.json").write_text("{}", "utf-8")
    assert before(second, tmp_path / "versions") is None, "one that cannot be read is not compared with"


def test_what_is_to_be_looked_at_is_in_the_audit_with_the_rows_that_it_is_about(tmp_path):
    alike = [
        (f"eco-{number}", f"¿Qué opinas del tema {number}?", "", f"El asunto {number} es largo. {said}")
        for number, said in enumerate(["No tengo comentarios.", "no tengo comentarios", "¡NO TENGO COMENTARIOS!"] * 2)
    ]
    recipe = small_recipe(write_rows(tmp_path / "filas.jsonl", [*ROWS, *alike]), language={"enabled": False})
    version = build(recipe, tmp_path / "versions").version
    found = audited(version.label, tmp_path / "versions", with_rows=True)

    (look, *others) = found.numbers.looks
    assert (look.name, [one.name for one in others]) == ("same_answers", ["flagged"])
    there = found.rows.rows.filter(found.rows.rows["here"].list.contains("same_answers"))["id"].to_list()
    assert sorted(there) == sorted(look.ids) and len(there) >= 5


def test_tokens_that_were_counted_say_which_rows_are_too_long(tmp_path):
    version = build(small_recipe(write_rows(tmp_path / "filas.jsonl", ROWS)), tmp_path / "versions").version
    numbers = audit(version)
    sizes = numbers.statistics.length["output"].words
    from cards.audit.tokens import Tokens

    counted = msgspec.structs.replace(numbers, tokens=Tokens(tokenizer="x", row=sizes, over={"2048": 0.5}))
    (*_, look) = looks_of(counted)
    assert look.sentence == "4 rows have more than the 2,048 tokens of a training window (x)."
