"""One row's story: what it was, what was repaired, what every rule thought, what became of it."""

import re
from pathlib import Path

import msgspec
import polars as pl

from builders.errors import NotFound, Problem, clipped, nearest
from builders.recipes.model import Language, Recipe
from builders.schema import LANGUAGE, SOURCE_COLUMNS, several_languages
from builders.sources.reading import read_source
from builders.stages.language import language_thresholds
from builders.stages.quality import judged, recipe_settings
from builders.stages.repair import repair
from builders.versions.version import Version
from cards.audit.explained import STAGES
from cards.rows.records import KeptRow, Reason, RowLanguage, RuleScore, Story, Texts
from filters import all_rules, rules_of
from filters.detectors.language import decide
from filters.languages import language_pack

NUMBER = re.compile(r"(?:^|[^0-9])0*([0-9]+)$")


def explain(version: Version, id: str, registry: Path, where: str | None = None) -> Story:
    """The ledger's entry for an id, and the story behind it.

    where: the source's place now, if it has moved. Raises NotFound for an unknown id.
    """
    ledger = version.ledger_by_id()
    entry = ledger.filter(pl.col("id") == id)
    if entry.is_empty():
        near = _suggested(id, ledger["id"])
        raise NotFound(f"{id!r}: no such row in the source of {version.label}{near or _span(ledger['id'])}")
    rows = version.rows()
    story = Story(**entry.to_dicts()[0], row=_kept(rows, id))
    story = msgspec.structs.replace(story, reasons=_reasons(story, version))
    kept_instead: Texts | None = _kept(rows, story.duplicate_of) if story.duplicate_of else None
    try:
        source = read_source(version.recipe, registry, where).rows
    except Problem as problem:
        note = f"the source text is not at hand: {problem}"
        return msgspec.structs.replace(story, duplicate_row=kept_instead, note=note)
    row = source.filter(pl.col("id") == id)
    repaired, _ = repair(row, version.recipe.edits)
    if story.duplicate_of and not kept_instead:  # kept for this row, but not sampled
        other, _ = repair(source.filter(pl.col("id") == story.duplicate_of), version.recipe.edits)
        kept_instead = _texts(other)
    return msgspec.structs.replace(
        story,
        source=_texts(row),
        repaired=_texts(repaired),
        duplicate_row=kept_instead,
        language=_language(repaired, version.recipe.language),
        rules=_rules(repaired, version.recipe),
    )


def _reasons(story: Story, version: Version) -> tuple[Reason, ...]:
    """What decided on a row and what flagged it, as the version applied it; examples where this software's rule is the same."""
    applied, found = version.manifest.rules, list[Reason]()
    for name in [*([story.rule] if story.rule else []), *story.flags]:
        rule, used = all_rules().get(name), applied.get(name)
        if rule is None or used is None:
            found += [Reason(name, STAGES[name])] if name in STAGES else []
            continue
        same = rule.version == used.version
        caught, spared = ((one[0].instruction, one[0].output) for one in (rule.caught, rule.spared))
        examples = (caught, spared) if same else (None, None)
        found.append(Reason(name, rule.reason, used.version, used.verdict, used.threshold, *examples))
    return tuple(found)


def _suggested(id: str, ids: pl.Series) -> str:
    """`; did you mean …?` with an id of the same number, or else with the one that is written most alike."""
    if number := NUMBER.search(id):
        same = ids.filter(ids.str.extract(NUMBER.pattern) == number[1]).to_list()
        if same:
            return f"; did you mean {' or '.join(same[:3])}?"
    return nearest(id, ids)


def _span(ids: pl.Series) -> str:
    """What the ids are like, where none is near: the first and the last, as a ledger has them."""
    return f"; its {len(ids):,} ids go from {clipped(ids[0])} to {clipped(ids[-1])}"


def _kept(rows: pl.DataFrame, id: str) -> KeptRow | None:
    found = rows.filter(pl.col("id") == id).to_dicts()
    return KeptRow.of(found[0]) if found else None


def _texts(row: pl.DataFrame) -> Texts:
    return Texts(**row.select(SOURCE_COLUMNS).to_dicts()[0])


def _language(row: pl.DataFrame, asked: Language) -> RowLanguage | None:
    """What the detectors say of a row, whether or not the recipe asks them; None where the builder cannot tell the language."""
    pack = language_pack(row[LANGUAGE.name][0]) if several_languages(row) else asked.pack
    if not pack.detection:
        return None
    return RowLanguage(**decide(row, language_thresholds(asked), pack).drop("row").to_dicts()[0])


def _rules(row: pl.DataFrame, recipe: Recipe) -> list[RuleScore]:
    """What every rule that the recipe applies thinks of a row, in the order in which rules claim one."""
    settings = recipe_settings(recipe)
    if several_languages(row):
        settings = {name: settings[name] for name in rules_of(row[LANGUAGE.name][0]) if name in settings}
    found = {one["rule"]: one for one in judged(row, settings).to_dicts()}
    silent = {"score": 0.0, "action": "none", "evidence": None}
    return [
        RuleScore(name, one["score"], setting.threshold, one["action"], one["evidence"])
        for name, setting in settings.items()
        for one in [found.get(name, silent)]
    ]
