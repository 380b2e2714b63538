import json

import msgspec
import polars as pl
import pytest

from builders.errors import Changed, Problem
from builders.hub.publishing import publish
from builders.reading.audit import audit, audited
from builders.recipes.model import Dedup, Quality, Split, Switch
from builders.records import plain
from builders.versions.registry import build
from cards.audit.groups import Group, Leaks, Prompt, PromptGroups, Removed
from cards.audit.numbers import Audit, FileAudit
from cards.statistics.languages import Languages
from cards.statistics.rules import Overlap
from tests.builders.rows import KEPT, ROWS, small_recipe, small_version, write_rows

# Two splits that share a row, a prompt and a text that hardly differs: nothing was removed, so the audit must see it.
AGUA = (
    "El agua hierve a cien grados al nivel del mar porque allí la presión del aire es de una atmósfera entera y cabal"
)
LEAKING = [
    *((f"fila-{number}", "¿Por qué hierve el agua?", "", f"{AGUA}.") for number in range(1, 9)),
    *((f"fila-{number}", "¿Por qué hierve el agua?", "", f"{AGUA}, y por eso hierve.") for number in range(9, 13)),
    *((f"fila-{number}", f"Di el número {number}.", "", f"Es el {number}.") for number in range(13, 17)),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("auditoría")


@pytest.fixture(scope="module")
def version(place):
    return small_version(place)


@pytest.fixture(scope="module")
def numbers(version):
    return audit(version)


def test_the_numbers_are_read_back_from_json(numbers):
    assert msgspec.json.decode(msgspec.json.encode(numbers), type=Audit) == numbers


def test_what_the_build_counted_is_not_counted_again(numbers, version):
    assert plain(numbers.statistics) == json.loads((version.path / "statistics.json").read_text("utf-8"))
    assert (numbers.stages, numbers.rules) == (version.manifest.stages, version.manifest.rules)


def test_rows_are_accounted_for(numbers):
    assert (numbers.version, numbers.template) == ("filas@1.0.0", "instruccion")
    assert (numbers.source_rows, numbers.kept, numbers.dropped) == (
        len(ROWS),
        len(KEPT),
        len(ROWS) - len(KEPT),
    )


def test_the_overlap_is_of_the_quality_stage(numbers):
    assert numbers.statistics.overlap == {"refusal": Overlap(drops=1, first=1, alone=1, others={})}


def test_the_languages_are_of_every_source_row(numbers):
    mix = numbers.statistics.language

    assert sum(mix.question.kept.values()) + sum(mix.question.dropped.values()) == len(ROWS)
    assert sum(mix.question.kept.values()) == len(KEPT)
    assert mix.answer.dropped["en"] == 1


def test_duplicates_of_the_ledger(numbers):
    assert numbers.duplicates.rules == {
        "exact_duplicate": Removed(groups=1, rows=1),
        "near_duplicate": Removed(groups=1, rows=1),
        "same_prompt": Removed(groups=1, rows=1),
    }
    assert numbers.duplicates.sizes == {"2": 1, "3": 1}
    assert numbers.duplicates.largest == [Group("fila-1", 3), Group("fila-7", 2)]
    assert numbers.near_duplicate_threshold["0.80"] == 1


def test_no_row_leaks_from_a_deduplicated_version(numbers):
    assert numbers.leaks == Leaks(ids=0, prompts=0, texts=0, near_duplicates=0)
    assert numbers.prompts == PromptGroups(groups=0, rows=0, largest=[])


def test_leaks_are_found_where_nothing_was_removed(tmp_path):
    recipe = small_recipe(
        write_rows(tmp_path / "filas.jsonl", LEAKING),
        dedup=Dedup(enabled=False),
        quality=Quality(enabled=False),
        split=Split(validation=0.5),
    )
    version = build(recipe, tmp_path / "versions").version
    split = dict(version.rows().select("id", "split").iter_rows())
    first, second = ({split[f"fila-{number}"] for number in span} for span in (range(1, 9), range(9, 13)))
    assert first == second == {"train", "validation"}, "both answers stand in both splits"

    found = audit(version)

    # The first row with the longer answer stands for its text; every row with the other text is its near-duplicate.
    rows = version.rows().filter(pl.col("output").str.starts_with("El agua"))
    words = pl.col("output").str.split(" ").list.len()
    (here, answer), *others = rows.sort(words, descending=True, maintain_order=True).select("split", "output").rows()
    near = sum(split != here and text != answer for split, text in others)
    assert found.leaks == Leaks(ids=0, prompts=1, texts=2, near_duplicates=near)
    assert near > 0
    assert found.prompts == PromptGroups(groups=1, rows=12, largest=[Prompt("fila-1", rows=12, answers=2)])
    assert found.near_duplicate_threshold == {}


def test_near_duplicates_in_two_splits_are_found_even_where_exact_ones_are_not(tmp_path):
    rows = [
        (f"fila-{number}", f"{'i' * number}: explica por qué hierve el agua del mar.", "", f"{AGUA} {'x' * number}.")
        for number in range(1, 9)
    ]
    recipe = small_recipe(
        write_rows(tmp_path / "filas.jsonl", rows), dedup=Dedup(enabled=False), quality=Quality(enabled=False), split=Split(validation=0.5)
    )  # fmt: skip
    version = build(recipe, tmp_path / "versions").version
    splits = version.rows()["split"].to_list()
    assert set(splits) == {"train", "validation"}

    leaks = audit(version).leaks

    # All resemble the first, so those in another split than it are the leaks.
    assert leaks == Leaks(ids=0, prompts=0, texts=0, near_duplicates=sum(split != splits[0] for split in splits))


def test_a_chat_is_audited_like_text(place, numbers):
    chat = small_version(place, name="charla", template="messages")

    assert audit(chat).statistics.length == numbers.statistics.length


def test_a_version_without_a_language_stage_has_no_languages(place):
    silent = small_version(place, name="callada", language={"enabled": False})

    assert audit(silent).statistics.language == Languages()


def test_statistics_that_cannot_be_read_are_told(tmp_path):
    version = small_version(tmp_path)
    (version.path / "statistics.json").write_text("[", "utf-8")

    with pytest.raises(Problem, match=r"statistics\.json: not the statistics of a version"):
        audit(version)


# ---- a raw file ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw(place, version):
    return audited(None, place, str(place / "filas.jsonl")).numbers


def test_a_raw_file_is_told_as_it_lies(raw):
    assert (raw.file, raw.rows) == ("filas.jsonl", len(ROWS))
    assert raw.statistics.rows == len(ROWS)
    assert raw.statistics.origins == {"fila": len(ROWS)}
    assert raw.statistics.length["output"].words.max == 41
    assert msgspec.json.decode(msgspec.json.encode(raw), type=FileAudit) == raw


def test_the_rules_say_what_they_would_do_to_a_raw_file(raw):
    acted = {name: (rule.drops, rule.flags) for name, rule in raw.rules.items() if rule.drops or rule.flags}

    assert acted == {"refusal": (1, 0), "english_form": (0, 1)}
    assert raw.statistics.language.answer.kept["en"] == 1


def test_a_raw_file_has_prompts_with_several_answers(raw):
    assert raw.prompts == PromptGroups(
        groups=2, rows=5, largest=[Prompt("fila-1", rows=3, answers=2), Prompt("fila-7", rows=2, answers=2)]
    )


def test_a_raw_file_that_breaks_the_contract_is_refused(tmp_path):
    (tmp_path / "mala.jsonl").write_text('{"id": "a"}\n', "utf-8")

    with pytest.raises(Problem, match=r"mala\.jsonl"):
        audited(None, tmp_path, str(tmp_path / "mala.jsonl"))


def test_switches_of_dedup_do_not_change_what_a_leak_is(place):
    exact_only = small_version(place, name="exactas", dedup=Dedup(same_prompt=Switch(enabled=False)))

    assert audit(exact_only).prompts.groups == 1


def test_a_version_on_the_hub_has_the_same_numbers(version, numbers, place, hub):
    publish(version, "ana/filas")

    found = audited("ana/filas@v1.0.0", place, with_rows=True)

    assert found.numbers == msgspec.structs.replace(numbers, version="ana/filas@v1.0.0", looks=found.numbers.looks)
    assert [look.command[2] for look in found.numbers.looks] == ["ana/filas@v1.0.0"]
    assert found.rows.rows["status"].to_list().count("dropped") == numbers.dropped


def test_rows_that_are_not_what_the_manifest_says_are_not_counted(tmp_path):
    version = small_version(tmp_path)
    path = version.path / "data" / "train-00000-of-00001.parquet"
    pl.read_parquet(path).with_columns(output=pl.lit("Otra respuesta.")).write_parquet(path)

    with pytest.raises(
        Changed, match=r"its rows have content sha256 .{12}…, its manifest says .{12}…; its numbers would"
    ):
        audit(version)
