"""A version as its card and its Croissant metadata describe it."""

import re
from collections.abc import Mapping, Sequence

from builders.manifest import Contents, Fingerprint
from builders.recipes.model import DemoSource, ParallelFile, ParallelHub, VersionSource
from builders.recipes.preferences import AnswersSource, PairsDemo, PairSource, SamePromptSource
from builders.schema import SPLITS
from cards.audit.evidence import Evidence
from cards.audit.explained import STAGES
from cards.dataset.facts import CardFacts, CardLanguage, CardTemplate, CardText
from cards.shared.terminal import safe_line
from cards.statistics.listed import Statistics
from filters import all_rules

HUB = "https://huggingface.co/datasets"


def card_facts(
    contents: Contents,
    statistics: Statistics,
    files: Mapping[str, Fingerprint],
    number: str,
    samples: Sequence[Mapping[str, str]],
    evidence: Evidence | None = None,
) -> CardFacts:
    """The facts of a version with this number. files: what is written already, by path. samples: rows that the card shows.
    evidence: what labels say of its decisions, if its recipe names any."""
    recipe, card, template = contents.recipe, contents.recipe.card, contents.template
    return CardFacts(
        name=contents.name,
        version=number,
        card=CardText(
            card.title,
            card.summary,
            card.license,
            card.source_datasets,
            card.tags,
            card.license_name,
            card.license_link,
            card.attribution,
            card.extra or {},
        ),
        languages=[CardLanguage(one.code, one.name, known=one.detection is not None) for one in recipe.language.packs],
        template=CardTemplate(template.name, template.text, template.chat),
        source=_describe(recipe.source),
        parallel=_describe(recipe.parallel) if recipe.parallel else None,
        source_rows=contents.source_rows,
        kept=contents.kept,
        stages=contents.stages,
        statistics=statistics,
        # In their own order: those of a manifest that was read are sorted by name.
        rows={split: contents.sizes["default"][split] for split in SPLITS if split in contents.sizes["default"]},
        ledger=contents.sizes["ledger"],
        charts=contents.charts,
        gold=contents.gold,
        gold_rows=contents.gold_rows,
        recipe_sha256=contents.recipe_sha256,
        content_sha256=contents.content_sha256,
        software=contents.software,
        kind=recipe.kind,
        hashes={path: one.sha256 for path, one in files.items()},
        samples=samples,
        reasons={**STAGES, **{name: rule.reason for name, rule in all_rules().items()}},
        rules=contents.rules,
        masks=recipe.repair.enabled and recipe.repair.personal_data,
        evidence=evidence,
        models=contents.models,
    )


def _describe(source: PairSource | DemoSource | VersionSource | ParallelFile | ParallelHub) -> str:
    """One line about a pinned source, for the card."""
    if isinstance(source, DemoSource):
        return f"the embedded demo rows, sha256 {_code(source.sha256)}"
    if isinstance(source, PairsDemo):
        return f"the embedded demo pairs, sha256 {_code(source.sha256)}"
    if isinstance(source, SamePromptSource):
        return f"answers to the same prompt in {_describe(source.rows)}"
    if isinstance(source, AnswersSource):
        return f"a model's answers in file {_code(source.name)}, sha256 {_code(source.sha256)}, against {_describe(source.rows)}"
    if isinstance(source, VersionSource):
        tree = f"[{_code(source.repo)}]({HUB}/{source.repo}/tree/{source.commit})"
        on_hub = f" of {tree} at commit {_code(source.commit)}" if source.commit else ""
        name = _code(f"{source.name}@{source.version}")
        return f"version {name}{on_hub}, content sha256 {_code(source.content_sha256)}"
    if isinstance(source, ParallelFile):
        return f"file {_code(source.name)}, sha256 {_code(source.sha256)}"
    part = f"file {_code(source.file)}"
    if source.split:
        part = f"split {_code(source.split)}" + (f" of config {_code(source.config)}" if source.config else "")
    tree = f"[{_code(source.repo)}]({HUB}/{source.repo}/tree/{source.revision})"
    return f"{tree} at commit {_code(source.revision)}, {part}, sha256 {_code(source.sha256)}"


def _code(text: str | None) -> str:
    """A name as Markdown shows it literally, whatever is in it: a code span with more backticks around it than within."""
    line = safe_line(str(text))
    if "`" not in line:
        return f"`{line}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", line))))
    return f"{fence} {line} {fence}"
