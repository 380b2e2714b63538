"""For each graded rule, the threshold that keeps an asked precision at the best recall, on rows that people judged."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.labels.measure import estimate, matched
from builders.labels.records import Labels
from builders.schema import FIELDS, LANGUAGE
from builders.sources.reading import read_source
from builders.stages.quality import judged, recipe_settings
from builders.stages.repair import repair
from builders.versions.version import Version
from cards.audit.evidence import Estimate
from cards.statistics.histograms import BINS

FEWEST = 30  # labels of rows that a rule scores; on fewer no threshold is moved


@dataclass(frozen=True)
class Calibrated:
    """Where one rule's threshold belongs. now: where it is. threshold: where precision holds at the best recall, None where it
    stays. precision, recall: there; recall of the rows that the rule scores at all. labels: how many of those were judged. why:
    why it stays, else ""."""

    rule: str
    now: float
    threshold: float | None
    precision: Estimate | None
    recall: Estimate | None
    labels: int
    why: str

    @property
    def line(self) -> str:
        """The line of a recipe, under `quality: {rules: {…}}`."""
        return f"{self.rule}: {{threshold: {self.threshold}}}"


def calibrate(
    version: Version, labels: Labels, precision: float, registry: Path, where: str | None = None
) -> tuple[Calibrated, ...]:
    """Each graded rule that drops, on the labels of rows that it scores.

    Every rule is run on every judged row, so what another rule dropped counts too. where: the source's place now, if it has
    moved. Raises Problem where the source is not at hand, or is not what the version pins.
    """
    scored = scored_by_rule(version, labels, registry, where)
    result = []
    for name, setting in recipe_settings(version.recipe).items():
        if setting.verdict == "drop" and name in scored and scored[name]["score"].n_unique() > 1:
            result.append(calibrated(name, scored[name], setting.threshold, precision))
    return tuple(result)


def scored_by_rule(
    version: Version, labels: Labels, registry: Path, where: str | None = None
) -> dict[str, pl.DataFrame]:
    """What every rule says of every judged row, by rule: `score`, `bad` (whether the row is not fit as it is), `weight`.

    Raises Problem where the source is not at hand, or is not what the version pins.
    """
    used = matched(version.ledger(), labels)[1]
    source = read_source(version.recipe, registry, where).rows
    rows = repair(source.join(used, on="id", how="semi", maintain_order="left"), version.recipe.edits)[0]
    settings = recipe_settings(version.recipe)
    columns = [name for name in rows.columns if name in ("row", "id", *FIELDS, LANGUAGE.name) or name.endswith("_en")]
    findings = judged(rows.select(columns), settings).join(rows.select("row", "id"), on="row")
    scored = findings.select("id", "rule", "score").rename({"score": "found"}).join(used.drop("rule"), on="id")
    by_rule = scored.partition_by("rule", as_dict=True)
    return {str(name): one.select(pl.col("found").alias("score"), "bad", "weight") for (name,), one in by_rule.items()}


def at_cuts(scored: pl.DataFrame) -> list[str]:
    """Precision and recall, in words, where a rule acts from each step of its histogram on; "" where no label reaches it.

    Recall is of the rows that the rule scores at all. scored: `score`, `bad`, `weight`.
    """
    bad, said = scored.filter("bad"), []
    for step in range(1, BINS):
        cut = pl.col("score") >= step / BINS - 1e-9
        reached = estimate(scored.filter(cut), "bad")
        recall = estimate(bad.with_columns(cut.alias("caught")), "caught")
        told = f"By labels: precision {reached}" if reached else ""
        said.append(f"{told}, recall {recall}." if told and recall else f"{told}." if told else "")
    return said


def calibrated(rule: str, scored: pl.DataFrame, now: float, precision: float) -> Calibrated:
    """The lowest threshold from which the rows that reach it are precise enough. scored: `score`, `bad`, `weight`."""
    if scored.height < FEWEST:
        why = f"{scored.height} labels; label {FEWEST - scored.height} more"
        return Calibrated(rule, now, None, None, None, scored.height, why)
    bad = scored.filter("bad")
    for at in scored["score"].unique().sort().to_list():
        reached = estimate(scored.filter(pl.col("score") >= at), "bad")
        if at > 0 and reached and reached.value >= precision:
            recall = estimate(bad.with_columns((pl.col("score") >= at).alias("caught")), "caught")
            if reached.labels == scored.filter(pl.col("score") >= now).height:
                at = now  # no judged row lies between the two
            return Calibrated(rule, now, at, reached, recall, scored.height, "it is there" if at == now else "")
    return Calibrated(rule, now, None, None, None, scored.height, "no threshold is that precise")


def write_thresholds(found: tuple[Calibrated, ...], recipe: str, path: Path) -> int:
    """Write a recipe that extends another one with the found thresholds; how many there are. Raises Problem where a file is
    in the way, or nothing was found."""
    moved = [one for one in found if one.threshold is not None and one.threshold != one.now]
    if not moved:
        raise Problem(
            "no threshold is to be moved, so no recipe was written", "label more rows, or ask for less precision"
        )
    lines = [f"extends: {recipe}", "quality:", "  rules:", *(f"    {one.line}" for one in moved)]
    with path.open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return len(moved)
