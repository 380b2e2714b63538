"""Rows that a rule finds unfit are dropped; what rules merely note are flags."""

from collections.abc import Mapping

import polars as pl

from builders.errors import NotFound, nearest
from builders.recipes.model import Quality, Recipe
from builders.schema import LANGUAGE, PARALLEL_FIELDS, several_languages
from builders.stages.decontamination import Passages, contaminated
from builders.stages.outcome import Outcome, without
from builders.stages.review import judged_drops, judged_flags, yielding
from cards.shared.records import RuleCounts
from filters import Rule, Setting, all_rules, rules_of
from filters.languages.spanish import SPANISH
from filters.rule import judge


def by_quality(
    rows: pl.DataFrame,
    settings: Mapping[str, Setting],
    looked_for: Passages | None,
    labelled: pl.DataFrame | None = None,
    scored: pl.DataFrame | None = None,
) -> Outcome:
    """Drop by the first rule that says so, then what holds passages of evaluation sets; the English parallel goes.

    settings: see `recipe_settings`. labelled: what people judged, which goes before the rules (see `stages.review`).
    scored: findings by scores of rows, which are as those of a rule (see `stages.scores`).
    """
    findings = judged(rows, settings)
    if scored is not None:
        findings = pl.concat([findings, scored]).sort("row", "order")
    if labelled is None:
        drops, flags = decisions(findings)
    else:
        noted, findings = judged_flags(findings, labelled), yielding(findings, labelled)
        drops, flags = decisions(findings)
        drops, flags = pl.concat([judged_drops(labelled), drops]), pl.concat([noted, flags], how="diagonal")
    rows = without(rows.drop(PARALLEL_FIELDS, strict=False), drops)
    if looked_for:
        found = contaminated(rows, looked_for)
        rows, drops = without(rows, found), pl.concat([drops, found])
    return Outcome(rows, drops, flags, findings=findings)


def judged(rows: pl.DataFrame, settings: Mapping[str, Setting]) -> pl.DataFrame:
    """What every rule that is applied finds in the rows (see `filters.rule.judge`): in those of its languages, where they are of
    several."""
    rules = {name: rule for name, rule in all_rules().items() if name in settings}
    if not several_languages(rows):
        return judge(rows, rules, settings)
    parts = [
        judge(rows.filter(pl.col(LANGUAGE.name).is_in(codes)), some, settings)
        for codes, some in _ruled_alike(rows[LANGUAGE.name].unique().sort().to_list(), rules)
    ]
    return pl.concat([judge(rows.clear(), {}, {}), *parts]).sort("row", "order")


def _ruled_alike(codes: list[str], rules: Mapping[str, Rule]) -> list[tuple[list[str], dict[str, Rule]]]:
    """Languages by the rules that apply to them: most have the same, and rules read many rows faster than many times a few."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for code in codes:
        alike.setdefault(tuple(name for name, rule in rules.items() if code in rule.languages), []).append(code)
    return [(some, {name: rules[name] for name in names}) for names, some in alike.items()]


def decisions(findings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drops (`row`, `rule`, `score`, `evidence`), one a row, by the first rule; everything else that a rule noted is a flag
    (`row`, `flag`, `score`, `evidence`)."""
    drops = findings.filter(pl.col("action") == "drop").unique("row", keep="first", maintain_order=True)
    noted = findings.filter(pl.col("action").is_in(["drop", "flag"]))
    noted = noted.join(drops.select("row", "rule"), on=["row", "rule"], how="anti", maintain_order="left")
    flags = noted.select("row", pl.col("rule").alias("flag"), "score", "evidence")
    return drops.select("row", "rule", "score", "evidence"), flags


def recipe_settings(recipe: Recipe) -> dict[str, Setting]:
    """How each rule that a recipe's rows meet is applied. Raises Problem for a rule that does not exist."""
    return rule_settings(recipe.quality, recipe.parallel is not None, *recipe.language.codes)


def rule_settings(quality: Quality, parallel: bool, *languages: str) -> dict[str, Setting]:
    """How each rule that is switched on is applied. Raises Problem for a rule that does not exist.

    parallel: the recipe names a parallel source; without one, the rules that need it are not applied. languages: those of the
    rows, Spanish by default; rules of others are not applied.
    """
    rules = all_rules()
    for name in quality.rules:
        if name not in rules:
            raise NotFound(
                f"recipe: unknown rule quality.rules.{name}{nearest(name, rules)}", "`aguila rules` lists them"
            )
    settings = {}
    for name, rule in rules_of(*languages or (SPANISH.code,)).items():
        asked = quality.rules.get(name)
        if not quality.enabled or (asked and not asked.enabled) or (rule.needs and not parallel):
            continue
        threshold = rule.threshold if asked is None or asked.threshold is None else asked.threshold
        verdict = rule.verdict if asked is None or asked.verdict is None else asked.verdict
        settings[name] = Setting(verdict, threshold, min(rule.flag_from, threshold))
    return settings


def counted_rules(findings: pl.DataFrame, settings: Mapping[str, Setting]) -> dict[str, RuleCounts]:
    """How each rule was applied, and how many rows it dropped, flagged and signalled. findings: `rule`, `action`."""
    rules = all_rules()
    actions = findings.group_by("rule", "action").len()
    counts = {(rule, action): count for rule, action, count in actions.iter_rows()}
    return {
        name: RuleCounts(
            version=rules[name].version,
            verdict=setting.verdict,
            threshold=setting.threshold,
            drops=counts.get((name, "drop"), 0),
            flags=counts.get((name, "flag"), 0),
            signals=counts.get((name, "signal"), 0),
        )
        for name, setting in settings.items()
    }
