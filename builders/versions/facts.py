"""A version as its card and its Croissant metadata tell it."""

from collections.abc import Mapping

from builders.manifest import Contents, Fingerprint
from cards.dataset.facts import CardFacts, CardLanguage, CardTemplate, CardText
from cards.statistics.listed import Statistics


def card_facts(contents: Contents, statistics: Statistics, files: Mapping[str, Fingerprint], number: str) -> CardFacts:
    """The facts of a version with this number. files: what is written already, by path."""
    recipe, card, template = contents.recipe, contents.recipe.card, contents.template
    language = recipe.language.pack
    return CardFacts(
        name=contents.name,
        version=number,
        card=CardText(card.title, card.summary, card.license, card.source_datasets, card.tags),
        language=CardLanguage(language.code, language.name, known=language.detection is not None),
        template=CardTemplate(template.name, template.text, template.chat),
        source=recipe.source.describe(),
        parallel=recipe.parallel.describe() if recipe.parallel else None,
        source_rows=contents.source_rows,
        kept=contents.kept,
        stages=contents.stages,
        statistics=statistics,
        rows=contents.sizes["default"],
        ledger=contents.sizes["ledger"],
        charts=contents.charts,
        gold=contents.gold,
        gold_rows=contents.gold_rows,
        recipe_sha256=contents.recipe_sha256,
        content_sha256=contents.content_sha256,
        software=contents.software,
        hashes={path: one.sha256 for path, one in files.items()},
    )
