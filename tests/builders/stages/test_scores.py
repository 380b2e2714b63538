"""What scores of rows lead to, and files of scores that cannot be used."""

import polars as pl
import pytest
from pydantic import ValidationError

from builders.errors import Problem
from builders.ledger import row_hashes
from builders.recipes.scores import Bounds, ScoreFile
from builders.scores.file import read_scores, scores_in, scores_of
from builders.scores.records import SCHEMA, Score, ScoredBy, Scoring, line
from builders.stages.quality import by_quality
from builders.stages.scores import scored
from tests.builders.rows import small_recipe

ROWS = pl.DataFrame(
    {
        "row": range(5),
        "id": [f"fila-{number}" for number in range(5)],
        "instruction": ["¿Qué es una isla?"] * 5,
        "input": [""] * 5,
        "output": [f"Es tierra rodeada de agua, y tiene {number} playas." for number in range(5)],
    },
    schema_overrides={"row": pl.UInt32},
)
BY = Scoring(
    version="filas@1.0.0",
    content_sha256="a" * 64,
    template="instruccion",
    base=ScoredBy(name="tiny", repo=None, revision=None, sha256="b" * 64),
    max_length=128,
    precision="fp32",
)
HASHES = row_hashes(ROWS).to_list()
SCORES = [
    Score.of("fila-0", HASHES[0], 1.0, 2.0, 9),
    Score.of("fila-1", HASHES[1], 3.0, 2.0, 9),
    Score.of("fila-2", HASHES[2], 0.2, 2.0, 9),
    Score.of("fila-3", "c" * 64, 9.0, 2.0, 9),  # of what the row was before
    Score.of("ajena-1", "d" * 64, 9.0, 2.0, 9),
]
DATA = line(BY) + b"".join(map(line, SCORES))
TABLE = scores_in(DATA, "puntos.jsonl").rows


def actions(**asked):
    found = scored(ROWS, TABLE, ScoreFile(sha256="e" * 64, **asked))
    return dict(found.select("row", "action").iter_rows())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"drop": Bounds(ratio_from=1.5)}, {1: "drop"}),
        ({"drop": Bounds(ratio_from=1.51)}, {}),
        ({"flag": Bounds(ratio_below=0.5)}, {2: "flag"}),
        ({"flag": Bounds(loss_from=1.0)}, {0: "flag", 1: "flag"}),
        ({"drop": Bounds(loss_below=1.0), "flag": Bounds(loss_below=3.0)}, {0: "flag", 2: "drop"}),
        ({"drop": Bounds(ratio_from=1.0, ratio_below=0.2)}, {1: "drop", 2: "drop"}),
    ],
)
def test_bounds_decide_on_rows_that_are_as_they_were_scored(asked, found):
    assert actions(**asked) == found


def test_the_evidence_shows_the_scores():
    found = scored(ROWS, TABLE, ScoreFile(sha256="e" * 64, drop=Bounds(ratio_from=1)))

    assert found["evidence"].to_list() == ["loss 3.0 with the instruction, 2.0 without it (ratio 1.5)"]


def test_findings_by_scores_are_as_those_of_rules_and_people_go_before_them():
    told = scored(ROWS, TABLE, ScoreFile(sha256="e" * 64, drop=Bounds(ratio_from=1), flag=Bounds(ratio_below=0.2)))
    judged = pl.DataFrame({"row": [1], "verdict": ["keep"], "defects": [""]}, schema_overrides={"row": pl.UInt32})
    alone, with_people = by_quality(ROWS, {}, None, None, told), by_quality(ROWS, {}, None, judged, told)

    assert alone.drops.select("row", "rule").rows() == [(1, "scores")]
    assert alone.flags.select("row", "flag").rows() == [(2, "scores")]
    assert with_people.drops.is_empty() and {1, 2} == set(with_people.flags.filter(flag="scores")["row"])


def test_a_ratio_to_nothing_is_none():
    assert Score.of("a", "f" * 64, 1.0, 0.0, 1).ratio == 0.0


def test_a_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "puntos.jsonl"
    path.write_bytes(DATA)
    found = read_scores(path)

    assert (found.data, found.by, dict(found.rows.schema)) == (DATA, BY, SCHEMA)
    assert found.rows.height == len(SCORES) and found.sha256() == read_scores(path, found.sha256()).sha256()
    with pytest.raises(Problem, match="other scores than the recipe pins"):
        read_scores(path, "0" * 64)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: no score"),
        (DATA.replace(b'"format":1', b'"format":2'), "scores in format 2"),
        (line(SCORES[0]), "line 1: no score"),
        (DATA + b'{"id":"a"}\n', "line 7: no score"),
        (DATA.replace(b'"loss":3.0', b'"loss":-3.0'), "line 3: no score"),
        (DATA + line(SCORES[0]), "row 'fila-0' is scored twice"),
    ],
)
def test_what_is_no_file_of_scores_is_refused(data, said):
    with pytest.raises(Problem, match=said):
        scores_in(data, "puntos.jsonl")


def test_scores_that_nobody_can_find_are_named(tmp_path):
    recipe = small_recipe(tmp_path / "filas.jsonl", scores=ScoreFile(sha256="e" * 64, drop=Bounds(ratio_from=1)))

    with pytest.raises(Problem, match="nothing says where they are"):
        scores_of(recipe, tmp_path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"drop": {"ratio_from": 1}}, "say where they are"), ({"path": "a.jsonl"}, "say what they lead to")],
)
def test_a_recipe_says_where_scores_are_and_what_they_lead_to(asked, said):
    with pytest.raises(ValidationError, match=said):
        ScoreFile(**asked)
