"""Every number on a version's card, counted again from its Parquet files by other means than the card's."""

import json
import re
from collections import Counter

import pytest
import yaml

from builders.gold import labels, measure
from builders.pipeline import run
from builders.recipes.loading import load_recipe
from builders.recipes.model import Split
from builders.schema import STAGES
from builders.sources.reading import read_source
from builders.versions.registry import build
from cards.audit.explained import STAGES as DECISIONS
from filters import all_rules
from tests.builders.rows import small_version

WORD = re.compile(r"[^\s]+")
ASKED = re.compile(
    r"\W*¿|\W*((a|e|n|y|de|del|con|por|para|desde|hasta|en|según)\s)?(qué|cuál(es)?|quién(es)?|cómo|dónde|cuándo|cuánt[oa]s?)\b",
    re.I,
)


@pytest.fixture(scope="module", params=["demo", "three splits", "chat"])
def version(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("tarjeta")
    if request.param == "demo":
        return build(load_recipe("demo"), place / "versions").version
    changes = (
        {"split": Split(validation=0.3, test=0.4)} if request.param == "three splits" else {"template": "messages"}
    )
    return small_version(place, **changes)


@pytest.fixture(scope="module")
def card(version):
    """The card's YAML and its page."""
    _, header, body = (version.path / "README.md").read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(header), body


@pytest.fixture(scope="module")
def tables(card):
    """The page's tables by their header: rows of cells."""
    found = re.findall(r"(?m)^\|(.*)\|\n\|[ :|-]+\|\n((?:\|.*\|\n)+)", card[1])
    return {
        tuple(cell.strip() for cell in head.split("|")): [
            tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines.splitlines()
        ]
        for head, lines in found
    }


@pytest.fixture(scope="module")
def rows(version):
    return version.rows().to_dicts()


@pytest.fixture(scope="module")
def ledger(version):
    return version.ledger().to_dicts()


def ranked(counter):
    return sorted(counter.items(), key=lambda one: (-one[1], one[0]))


def test_kept_and_source_rows(card, rows, ledger):
    assert f"**{len(rows):,}** of {len(ledger):,} source rows are kept." in card[1]


def test_stages(tables, ledger, version):
    lost = Counter(entry["stage"] for entry in ledger if entry["stage"])
    expected, left = [("read", "0", f"{len(ledger):,}", "0")], len(ledger)
    for stage in ("repair", "language", "quality", "dedup", "sample", "split", "template"):
        expected.append((stage, f"{left:,}", f"{left - lost[stage]:,}", f"{lost[stage]:,}"))
        left -= lost[stage]

    assert tables["stage", "rows in", "rows out", "dropped"] == expected


def test_drops_and_what_only_one_rule_drops(tables, ledger, version):
    recipe = version.recipe
    findings = run(recipe, lambda: read_source(recipe, version.path.parents[1])).findings
    would = Counter(row["row"] for row in findings.to_dicts() if row["action"] == "drop")
    alone = Counter(row["rule"] for row in findings.to_dicts() if row["action"] == "drop" and would[row["row"]] == 1)
    stages = {}
    for entry in ledger:
        if entry["stage"]:
            stages.setdefault(entry["stage"], Counter())[entry["rule"]] += 1

    assert tables["stage", "rule", "rows", "only this rule", "why"] == [
        (stage, rule, f"{count:,}", f"{alone[rule]:,}" if stage == "quality" else "–", why(rule))
        for stage, rules in sorted(stages.items(), key=lambda one: STAGES.index(one[0]))
        for rule, count in ranked(rules)
    ]


def why(decision):
    """The first sentence of what a decision means."""
    reason = {**DECISIONS, **{name: rule.reason for name, rule in all_rules().items()}}[decision]
    return re.split(r"(?<=[.;:]) ", reason)[0].rstrip(".;:")


def test_flags_and_edits(tables, ledger):
    flags = Counter(flag for entry in ledger if entry["status"] == "kept" for flag in entry["flags"])
    edits = Counter(edit for entry in ledger for edit in entry["edits"])

    assert tables["flag", "rows", "why"] == [(flag, f"{count:,}", why(flag)) for flag, count in ranked(flags)]
    assert tables["field and edit", "rows"] == [(edit, f"{count:,}") for edit, count in ranked(edits)]


def test_the_gold_rows(card, ledger):
    decisions = {entry["rule"] for entry in ledger if entry["rule"]}
    decisions |= {flag for entry in ledger if entry["status"] == "kept" for flag in entry["flags"]}
    found = [measure()[name] for name in decisions if name in measure()]
    sound = [one for one in found if not one.false_positives and not one.false_negatives]

    assert (
        f"On {len(labels()):,} labelled rows that were written for the builder, {len(sound):,} of these decisions"
        in card[1]
    )


def test_splits(tables, rows, card):
    splits = Counter(row["split"] for row in rows)

    assert tables["split", "rows"] == [(split, f"{count:,}") for split, count in ranked(splits)]
    told = {one["name"]: one["num_examples"] for one in card[0]["dataset_info"][0]["splits"]}
    assert told == splits


def test_lengths(tables, rows):
    def numbers(field):
        sizes = sorted(len(WORD.findall(row[field])) for row in rows if row[field])

        def at(share):
            return sizes[int(share * (len(sizes) - 1) + 0.5)]

        return (f"{sum(sizes) / len(sizes):.1f}", str(at(0.5)), str(at(0.95)), f"{sizes[-1]:,}", f"{sum(sizes):,}")

    (told,) = (table for head, table in tables.items() if head[0] == "field")
    assert told == [(field, *numbers(field)) for field in ("instruction", "input", "output")]


def test_the_sentences(card, rows):
    with_input = sum(row["input"] != "" for row in rows)
    sizes = sorted(len(WORD.findall(row["output"])) for row in rows if row["output"])

    assert f"{100 * round(with_input / len(rows), 4):.1f} % of the rows have an input" in card[1]
    assert f"the median answer has {sizes[int(0.5 * (len(sizes) - 1) + 0.5)]} words." in card[1]
    told = re.search(
        r"([\d,]+) instructions begin with a question, ([\d,]+) with a verb .*?, ([\d,]+) with neither", card[1]
    )
    questions, verbs, neither = (int(number.replace(",", "")) for number in told.groups())
    assert questions + verbs + neither == len(rows)
    assert questions == sum(ASKED.match(row["instruction"]) is not None for row in rows)


def test_the_pictures_show_the_same_numbers(version, card, ledger):
    lost = Counter(entry["rule"] for entry in ledger if entry["rule"])
    picture = (version.path / "charts" / "dropped.svg").read_text("utf-8")
    written = re.findall(r"<text[^>]*>([^<]*)</text>", picture)

    top = ranked(lost)[:11] if len(lost) > 12 else ranked(lost)
    for rule, count in top:
        assert rule in written and f"{count:,}" in written
    assert f"]({'charts/dropped.svg'})" in card[1]


def test_bytes_and_sizes(version, card):
    default, ledger = card[0]["dataset_info"]
    size = {path: (version.path / path).stat().st_size for path in version.manifest.files}

    assert default["download_size"] == sum(bytes for path, bytes in size.items() if path.startswith("data/"))
    assert ledger["download_size"] == size["ledger/train-00000-of-00001.parquet"]


def test_the_hashes(version, card):
    manifest = json.loads((version.path / "manifest.json").read_text("utf-8"))

    for value in (manifest["recipe_sha256"], manifest["content_sha256"], manifest["source"]["sha256"]):
        assert f"sha256 `{value}`" in card[1]
