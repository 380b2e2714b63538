"""Ids that are there more than once: an error, or the first stays, or all are numbered; every source row in the ledger."""

import polars as pl
import pytest

from builders.reading.audit import audit
from builders.recipes.loading import load_recipe
from builders.sources.reading import with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes

TEXTS = [
    ("Explica qué es un faro.", "Una torre con una luz que guía a los barcos de noche."),
    ("Explica qué es un dique.", "Un muro que contiene el agua de un río o del mar."),
    ("Explica qué es una boya.", "Un cuerpo flotante que señala un lugar en el agua."),
]
REPEATED = [*ROWS, *({"id": "x", "instruction": one, "input": "", "output": two} for one, two in TEXTS)]


@pytest.fixture
def version(tmp_path):
    """A version of rows of which three have the id `x`, by one way with duplicates."""

    def make(way, rows=REPEATED):
        (tmp_path / "filas.jsonl").write_bytes(as_bytes(rows, ".jsonl"))
        recipe = load_recipe("mix", [f"source.duplicates={way}", "split.validation=0"])
        return build(with_source(recipe, str(tmp_path / "filas.jsonl"), tmp_path), tmp_path).version

    return make


def test_of_several_rows_with_an_id_the_first_stays_and_each_other_has_a_line_in_the_ledger(version, tmp_path):
    made = version("keep_first")

    ledger = (
        made.ledger()
        .filter(pl.col("id").str.starts_with("x"))
        .select("id", "status", "stage", "rule", "evidence", "duplicate_of")
    )
    assert ledger.rows() == [
        ("x", "kept", None, None, None, None),
        ("x (2)", "dropped", "read", "duplicate_id", "row 6 has the id of row 5, x", "x"),
        ("x (3)", "dropped", "read", "duplicate_id", "row 7 has the id of row 5, x", "x"),
    ]
    assert (made.manifest.source_rows, made.manifest.kept, made.manifest.dropped) == (7, 5, 2)
    assert made.rows().filter(pl.col("id") == "x")["output"].item() == TEXTS[0][1]
    assert made.recipe.source.duplicates == "keep_first"
    assert verify(made, tmp_path).result == "same bytes"
    assert audit(made).dropped == 2


def test_all_of_them_may_stay_with_numbers_whatever_the_order(version):
    first = version("number")
    second = version("number", REPEATED[::-1])

    assert first.rows()["id"].to_list()[-3:] == ["x", "x (2)", "x (3)"]
    assert first.content_sha256 == second.content_sha256
    assert first.manifest.dropped == 0


def test_a_number_that_is_taken_is_left_out(version):
    rows = [*REPEATED[:6], {**REPEATED[6], "id": "x (2)"}]

    assert set(version("number", rows).ledger()["id"]) >= {"x", "x (2)", "x (3)"}
