import json
import shutil

import msgspec
import polars as pl
import pytest

from builders.errors import Problem
from builders.hub.publishing import publish
from builders.recipes.model import Card, Dedup, Quality, RuleSetting, Split, Switch
from builders.versions.diff import diff
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.version import open_version
from cards.diff.records import Change, ChangedRow, Decisions, SourceRows
from tests.builders.publications import edit_card
from tests.builders.rows import ROWS, small_recipe, small_version, write_rows

REFUSAL = ROWS[3][0]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("compared"))


@pytest.fixture(scope="module")
def after(first):
    """The next version of the same source, or of other rows, under another recipe."""

    def make(rows=ROWS, number=None, **changes):
        registry = first.path.parents[1]
        source = registry.parent / ("filas.jsonl" if rows is ROWS else "otras.jsonl")
        return build(small_recipe(write_rows(source, rows), **changes), registry, number).version

    return make


def differing(found):
    lists = ("added", "removed", "changed", "reasons_changed", "moved_splits", "recipe", "template", "columns", "rules")
    return sorted(name for name in lists if getattr(found, name))


def test_a_version_and_itself(first):
    found = diff(first, first)

    assert (found.old, found.new, found.bump, found.reason) == (
        "filas@1.0.0",
        "filas@1.0.0",
        None,
        "nothing changed",
    )
    assert (differing(found), found.statistics, found.deserves, found.number_fits) == ([], [], "1.0.0", None)


def test_the_same_rows_under_another_card_deserve_a_patch(first, after):
    other = after(card=Card(license="apache-2.0", title="Filas nuevas"))

    found = diff(first, other)

    assert (found.bump, found.deserves, str(other.number), found.number_fits) == (
        "patch",
        "1.0.1",
        "1.0.1",
        True,
    )
    assert "README.md" in found.reason
    assert found.recipe == [Change("card.title", None, "Filas nuevas")]
    assert differing(found) == ["recipe"]


def test_a_number_alone_is_no_change(first, tmp_path):
    again = build(small_recipe(write_rows(tmp_path / "filas.jsonl")), tmp_path / "versions", "7.0.0").version

    found = diff(first, again)

    assert (str(again.number), found.bump, found.reason, differing(found)) == (
        "7.0.0",
        None,
        "nothing changed",
        [],
    )


def test_a_version_here_and_on_the_hub_where_somebody_edited_its_card(hub, first, tmp_path):
    publish(first, "ana/filas")
    edited = edit_card(hub, "\nEscrito por una persona.\n", "ana/filas")
    hub.delete_tag("ana/filas", "v1.0.0")
    hub.tag("ana/filas", "v1.0.0", edited)
    published = resolve("ana/filas@v1.0.0", tmp_path)

    found = diff(published, first)

    assert "Escrito por una persona." in (published.path / "README.md").read_text("utf-8")
    assert (found.old, found.new, found.bump) == ("ana/filas@v1.0.0", "filas@1.0.0", None)
    assert (differing(found), found.statistics) == ([], [])


def test_a_version_on_the_hub_and_the_next_one_here(hub, first, after, tmp_path):
    publish(first, "ana/filas")
    other = after(quality=Quality(rules={"refusal": RuleSetting(enabled=False)}))

    found = diff(resolve("ana/filas@v1.0.0", tmp_path), other)

    assert found == msgspec.structs.replace(diff(first, other), old="ana/filas@v1.0.0")


def test_a_rule_that_is_switched_off(first, after):
    found = diff(first, after(quality=Quality(rules={"refusal": RuleSetting(enabled=False)})))

    assert (found.bump, found.deserves, found.added, found.removed) == ("minor", "1.1.0", [REFUSAL], [])
    assert found.decisions == [Decisions("quality/refusal", "kept", 1)]
    assert [(one.rule, one.new) for one in found.rules] == [("refusal", None)]
    assert found.reasons_changed[0].old.evidence.startswith("Lo siento")
    shifts = {one.statistic: one for one in found.statistics}
    assert (shifts["rows"].old, shifts["rows"].new) == (7, 8)
    assert shifts["dropped.quality.refusal"].change == -1


def test_other_rows_in_the_source(first, after):
    changed = [
        *ROWS[:10],
        (*ROWS[10][:3], "La capital de Chile es Santiago, a orillas del Mapocho."),
        ("fila-13", "Di un color.", "", "El azul del cielo."),
    ]

    found = diff(first, after(changed))

    assert (found.added, found.removed) == (["fila-13"], ["fila-12"])
    assert found.changed == [ChangedRow("fila-11", ["output", "completion"])]
    assert found.source.rows == SourceRows(added=1, removed=1, changed=1)
    assert {"sha256", "name"} <= {one.key for one in found.source.changes}
    assert "".join(text for what, text in found.examples.changed[0].texts["output"] if what != "old") == changed[10][3]
    assert found.moved_splits == []


def test_a_larger_share_for_validation_moves_rows_between_splits(first, after):
    found = diff(first, after(split=Split(validation=0.9)))

    assert {(one.old, one.new) for one in found.moved_splits} == {("train", "validation")}
    assert found.counts.moved_splits == len(found.moved_splits) > 0
    assert [one.key for one in found.recipe] == ["split.validation"]


def test_another_template_is_a_major_change(first, after):
    found = diff(first, after(template="messages"))

    assert (found.bump, found.deserves, found.number_fits) == ("major", "2.0.0", True)
    assert found.changed == []
    assert Change("name", "instruccion", "messages") in found.template


def test_a_number_that_is_too_small_is_told(first, after):
    found = diff(first, after(template="alpaca", number="1.0.7"))

    assert (found.bump, found.deserves, found.number_fits) == ("major", "2.0.0", False)


def test_backwards_no_number_is_judged(first, after):
    found = diff(after(dedup=Dedup(same_prompt=Switch(enabled=False))), first)

    assert (found.removed, found.number_fits) == (["fila-9"], None)


def test_two_datasets_of_different_names(first, tmp_path):
    other = small_version(tmp_path, name="otras")

    found = diff(first, other)

    assert (found.same_name, found.deserves, found.number_fits) == (False, None, None)
    assert Change("name", "filas", "otras") in found.recipe


@pytest.fixture
def copy(first, tmp_path):
    shutil.copytree(first.path, tmp_path / "copia")
    return tmp_path / "copia"


def refused(first, copy):
    with pytest.raises(Problem) as problem:
        diff(first, open_version(copy))
    return str(problem.value)


@pytest.mark.parametrize(("key", "value"), [("recipe", []), ("template", {"name": "x"}), ("kept", None)])
def test_a_manifest_that_is_not_whole_is_refused(first, copy, key, value):
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {key: value}), "utf-8")

    assert refused(first, copy).endswith("; fetch or build the version again")


@pytest.mark.parametrize("text", ["", "[]", "{", None])
def test_statistics_that_cannot_be_read_are_refused(first, copy, text):
    (copy / "statistics.json").unlink()
    if text is not None:
        (copy / "statistics.json").write_text(text, "utf-8")

    assert refused(first, copy).startswith(f"{copy / 'statistics.json'}: ")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda ledger: ledger.drop("rule"), "other columns than a ledger has"),
        (lambda ledger: pl.concat([ledger, ledger.tail(1)]), "the id 'fila-12' occurs more than once"),
    ],
)
def test_a_ledger_that_is_none_is_refused(first, copy, spoil, told):
    path = copy / "ledger" / "train-00000-of-00001.parquet"
    spoil(pl.read_parquet(path)).write_parquet(path)

    assert told in refused(first, copy)
