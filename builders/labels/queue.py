"""Which rows to judge: a queue drawn by hash from parts of a version that do not overlap, each of known size.

Every row of a version is in exactly one part, so what is measured on the judged rows can be weighted to speak for all:

    near:RULE           drops of a rule that lie nearest its threshold: all that there are in this part
    drop:RULE           the other drops of the rule
    flag:RULE           kept rows that the rule flagged (the first one, where several did)
    miss:RULE           kept rows that score highest below the rule's threshold and its flags: all that there are
    undecided:language  kept rows whose language the detectors could not tell
    kept                every other kept row

Only from the parts of kept rows can be told what the rules miss, and from `kept` alone what nobody has pointed at: the share
of bad rows among those that are kept.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.labels.records import Label
from builders.recipes.model import Recipe
from builders.schema import FIELDS, SPOKEN
from builders.sources.reading import read_source
from builders.stages.language import told_languages
from builders.stages.quality import judged, recipe_settings
from builders.stages.repair import repair
from builders.stages.sampling import places
from builders.versions.version import Version
from cards.review.page import RowToJudge

PER_RULE, RANDOM = 30, 100


@dataclass(frozen=True)
class Queue:
    """Rows that wait for a verdict, in the order in which they are to be read, and why text is missing, if it is."""

    labels: list[Label]
    note: str | None = None


def queue(
    version: Version,
    registry: Path,
    where: str | None = None,
    per_rule: int = PER_RULE,
    random: int = RANDOM,
    seed: int = 0,
    texts: bool = False,
) -> Queue:
    """Rows of a version to judge, mixed by hash so that neither a rule's rows stand together nor a label says what is expected.

    per_rule: rows of each part that a rule makes. random: of the kept rows that nobody points at. texts: whether each line
    carries the row's text; that of dropped rows comes from the source, at `where` if it has moved. Raises Problem for a
    version that is not whole.
    """
    parts = strata(version, per_rule)
    sizes = parts.group_by("stratum").len("of")
    parts = parts.with_columns(places(parts["id"], seed, "review")).sort("place", "id")
    most = pl.when(pl.col("stratum") == "kept").then(random).when(pl.col("near")).then(2**31).otherwise(per_rule)
    near = parts.filter("near").group_by("rule").len("nearest")
    parts = parts.join(near, on="rule", how="left", maintain_order="left")
    dropped = pl.col("stratum").str.starts_with("drop:")
    most = pl.when(dropped).then(pl.lit(per_rule) - pl.col("nearest").fill_null(0)).otherwise(most)
    drawn = parts.filter(pl.int_range(pl.len()).over("stratum") < most).join(sizes, on="stratum", maintain_order="left")
    found, note = _texts(version, drawn, registry, where) if texts else (drawn, None)
    keys = ("id", "row_sha256", "stratum", "of", *(FIELDS if texts else ()))
    return Queue([Label(**row) for row in found.select(keys).to_dicts()], note)


def rows_to_judge(labels: list[Label]) -> list[RowToJudge]:
    """The rows of a queue as its page shows them; those whose text is not at hand are left out."""
    rows = []
    for label in labels:
        texts = {name: getattr(label, name) for name in FIELDS}
        if texts["instruction"] is not None:
            fields = {name: text for name, text in texts.items() if text}
            rows.append(RowToJudge(label.id, label.row_sha256, label.stratum, label.of, fields))
    return rows


def strata(version: Version, per_rule: int) -> pl.DataFrame:
    """`id`, `row_sha256`, `status`, `rule`, `stratum`, `near` of every row that reached a decision on its content.

    Rows that left by their id, or by the size of the sample, are in no part: nothing was said of them.
    """
    ledger = version.ledger_by_id().filter(
        pl.col("stage").is_null() | pl.col("stage").is_in(["language", "quality", "dedup"])
    )
    dropped = ledger.filter(pl.col("status") == "dropped").filter(pl.col("rule") != "review")
    kept = ledger.filter(pl.col("status") == "kept")
    parts = [_dropped(dropped, per_rule // 2), _kept(version, kept, per_rule)]
    return pl.concat(part.select("id", "row_sha256", "status", "rule", "stratum", "near") for part in parts)


def _dropped(dropped: pl.DataFrame, nearest: int) -> pl.DataFrame:
    """Drops by rule, those nearest the threshold apart. A rule that knows one score has none that are nearer."""
    table = dropped.with_columns(places(dropped["id"], 0, "near")).sort("score", "place", nulls_last=True)
    graded = pl.col("score") < pl.col("score").max().over("rule")
    near = (graded.fill_null(False) & (pl.int_range(pl.len()).over("rule") < nearest)).alias("near")
    name = pl.when("near").then(pl.lit("near:")).otherwise(pl.lit("drop:")) + pl.col("rule")
    return table.with_columns(near).with_columns(name.alias("stratum"))


def _kept(version: Version, kept: pl.DataFrame, per_rule: int) -> pl.DataFrame:
    """Kept rows by what points at them: a flag, a score just below a rule's line, doubt about the language, or nothing."""
    rows = version.rows_by_id().select("id", *FIELDS, SPOKEN).with_row_index("row")
    flagged = kept.select("id", pl.col("flags").list.first().alias("flag"))
    missed = _near_misses(rows, version.recipe, per_rule)
    doubtful = _undecided(rows, version.recipe)
    table = kept.join(flagged, on="id", maintain_order="left")
    for other in (missed, doubtful):
        table = table.join(other, on="id", how="left", maintain_order="left")
    miss = pl.col("flag").is_null() & pl.col("missed").is_not_null()
    rule = pl.coalesce("flag", "missed", pl.when("undecided").then(pl.lit("language")))
    kind = pl.when(pl.col("flag").is_not_null()).then(pl.lit("flag:")).when(miss).then(pl.lit("miss:"))
    stratum = pl.when(rule.is_null()).then(pl.lit("kept")).otherwise(kind.otherwise(pl.lit("undecided:")) + rule)
    return table.with_columns(rule.alias("rule"), stratum.alias("stratum"), miss.alias("near"))


def _near_misses(rows: pl.DataFrame, recipe: Recipe, per_rule: int) -> pl.DataFrame:
    """`id`, `missed`: the rule that came nearest to saying something, for the rows that came nearest, per_rule of each rule."""
    findings = judged(rows, recipe_settings(recipe)).filter((pl.col("action") == "none") & (pl.col("score") > 0))
    named = findings.join(rows.select("row", "id"), on="row").sort("score", "id", descending=[True, False])
    nearest = (
        named.unique("row", keep="first", maintain_order=True).group_by("rule", maintain_order=True).head(per_rule)
    )
    return nearest.select("id", pl.col("rule").alias("missed"))


def _undecided(rows: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """`id`, `undecided` of rows whose question the detectors leave open, where the build asked them."""
    if not recipe.language.decides:
        return pl.DataFrame(schema={"id": pl.String, "undecided": pl.Boolean})
    open_ = told_languages(rows, recipe.language).filter(pl.col("question") == "undetermined").select("row")
    return rows.join(open_, on="row", how="semi").select("id", pl.lit(True).alias("undecided"))


def _texts(version: Version, drawn: pl.DataFrame, registry: Path, where: str | None) -> tuple[pl.DataFrame, str | None]:
    """The drawn rows with their text after repair, and why that of dropped rows is missing, if it is."""
    texts, note = version.rows().select("id", *FIELDS), None
    try:
        source = read_source(version.recipe, registry, where).rows
        gone = source.join(drawn.filter(pl.col("status") == "dropped"), on="id", how="semi")
        texts = pl.concat([texts, repair(gone, version.recipe.edits)[0].select("id", *FIELDS)])
    except Problem as problem:
        note = f"the text of dropped rows is not at hand: {problem}"
    return drawn.join(texts, on="id", how="left", maintain_order="left"), note
