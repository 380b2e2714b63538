import pytest

from builders.errors import Problem
from builders.reading.select import Wanted, select
from builders.versions.registry import build
from cards.rows.records import SelectedRow
from tests.builders.rows import KEPT, ROWS, small_recipe, small_version, write_rows

TEXT = {id: {"instruction": instruction, "input": input, "output": output} for id, instruction, input, output in ROWS}


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("chosen"))


@pytest.fixture(scope="module")
def chosen(version):
    """Ids of the rows that fit."""

    def run(wanted=Wanted(), **options):  # noqa: B008
        return [row.id for row in select(version, wanted, version.path.parents[1], **options).rows]

    return run


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), [id for id, *_ in ROWS]),
        (Wanted(status="kept"), KEPT),
        (Wanted(status="dropped"), ["fila-4", "fila-5", "fila-6", "fila-8", "fila-9"]),
        (Wanted(dropped_by="refusal"), ["fila-4"]),
        (Wanted(dropped_by="dedup/near_duplicate"), ["fila-8"]),
        (Wanted(flagged=True), ["fila-3"]),
        (Wanted(flag="english_form"), ["fila-3"]),
        (Wanted(status="dropped", flagged=True), []),
        (Wanted(edit="output:entities"), ["fila-2"]),
        (Wanted(split="validation"), ["fila-2", "fila-11", "fila-12"]),
        (Wanted(grep="TORTILLA"), ["fila-7", "fila-8"]),
        (Wanted(grep="un pozo", status="kept"), ["fila-1"]),
        (Wanted(grep="pan & queso"), ["fila-2"]),
        (Wanted(grep=".*"), []),
        (Wanted(origin="fila", status="kept"), KEPT),
        (Wanted(origin="fila", dropped_by="refusal"), ["fila-4"]),
    ],
)  # fmt: skip
def test_rows_that_fit_in_natural_order(chosen, wanted, ids):
    assert chosen(wanted) == ids


def test_the_longest_come_first(chosen):
    assert chosen(longest=True, limit=3) == ["fila-7", "fila-8", "fila-5"]
    assert chosen(Wanted(grep="cenote"), longest=True) == ["fila-1", "fila-6", "fila-9"]


def test_an_origin_that_does_not_occur_is_named(version):
    with pytest.raises(Problem, match="no row is of origin 'dolly'; origins: fila"):
        select(version, Wanted(origin="dolly"), version.path.parents[1])


def test_where_dropped_rows_come_from_needs_the_source(tmp_path):
    version = small_version(tmp_path)
    (tmp_path / "filas.jsonl").unlink()

    with pytest.raises(Problem, match=r"where dropped rows come from is not at hand, .*--kept"):
        select(version, Wanted(origin="fila"), tmp_path / "versions")
    kept = select(version, Wanted(origin="fila", status="kept"), tmp_path / "versions")
    assert [row.id for row in kept.rows] == KEPT


def test_a_row_has_its_facts_and_its_text(version):
    found = select(version, Wanted(dropped_by="refusal"), version.path.parents[1])

    assert (found.total, found.note) == (1, None)
    assert found.rows == [
        SelectedRow(
            id="fila-4",
            status="dropped",
            stage="quality",
            rule="refusal",
            score=1.0,
            evidence="Lo siento, no tengo acceso a información en tiempo real",
            duplicate_of=None,
            edits=[],
            flags=[],
            split=None,
            **TEXT["fila-4"],
        )
    ]


def test_kept_and_dropped_rows_are_shown_as_they_were_repaired(tmp_path):
    dropped = (
        "fila-13",
        "Di qué lleva la cena de Ana.",
        "",
        "Lo siento, no tengo acceso a información &amp; datos en tiempo real.",
    )
    version = build(small_recipe(write_rows(tmp_path / "filas.jsonl", [*ROWS, dropped])), tmp_path / "versions").version

    rows = select(version, Wanted(edit="output:entities"), tmp_path / "versions").rows

    assert [(row.id, row.status, "&amp;" in row.output, " & " in row.output) for row in rows] == [
        ("fila-2", "kept", False, True),
        ("fila-13", "dropped", False, True),
    ]


def test_so_many_of_so_many(version):
    found = select(version, Wanted(status="kept"), version.path.parents[1], limit=2)

    assert ([row.id for row in found.rows], found.total) == (KEPT[:2], 7)


def test_random_rows_are_the_same_for_a_seed(chosen):
    first, again, other = (chosen(random=True, seed=seed) for seed in (1, 1, 2))

    assert first == again != other
    assert sorted(first) == sorted(other) == sorted(TEXT)
    assert chosen(random=True, seed=1, limit=3) == first[:3]
    assert [id for id in first if id in KEPT] == chosen(Wanted(status="kept"), random=True, seed=1)


def refused(version, wanted, registry=None):
    with pytest.raises(Problem) as problem:
        select(version, wanted, registry or version.path.parents[1])
    return str(problem.value)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(dropped_by="refusals"), "filas@1.0.0: no row was dropped by rule 'refusals'; did you mean refusal?; dropped by: answer_language, exact_duplicate, near_duplicate, refusal, same_prompt"),
        (Wanted(dropped_by="language/refusal"), "filas@1.0.0: no row was dropped by rule 'language/refusal'; did you mean quality/refusal?; dropped by: dedup/exact_duplicate, dedup/near_duplicate, dedup/same_prompt, language/answer_language, quality/refusal"),
        (Wanted(flag="zzz"), "filas@1.0.0: no row has the flag 'zzz'; flags: english_form"),
        (Wanted(edit="zzz"), "filas@1.0.0: no row has the edit 'zzz'; edits: output:entities"),
        (Wanted(split="test"), "filas@1.0.0: no row is in split 'test'; splits: train, validation"),
    ],
)  # fmt: skip
def test_a_name_that_does_not_occur_is_refused_with_those_that_do(version, wanted, told):
    assert refused(version, wanted) == told


def test_without_the_source_dropped_rows_have_facts_and_no_text(version, tmp_path):
    found = select(version, Wanted(), tmp_path)

    assert [row.output is None for row in found.rows] == [row.status == "dropped" for row in found.rows]
    assert found.note.startswith("the source text is not at hand: the source is filas.jsonl (sha256 ")
    assert select(version, Wanted(status="kept"), tmp_path).note is None


def test_the_source_may_have_moved(version, tmp_path):
    moved = write_rows(tmp_path / "en-otro-sitio.jsonl")

    found = select(version, Wanted(dropped_by="exact_duplicate"), tmp_path, where=str(moved))

    assert (found.rows[0].output, found.note) == (TEXT["fila-6"]["output"], None)


def test_dropped_rows_are_not_searched_without_their_text(version, tmp_path):
    assert refused(version, Wanted(grep="tortilla"), tmp_path).endswith("or search kept rows alone with --kept")
    found = select(version, Wanted(grep="tortilla", status="kept"), tmp_path)
    assert [row.id for row in found.rows] == ["fila-7"]
