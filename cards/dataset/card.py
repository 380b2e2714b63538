"""The dataset card: YAML that the Hub and `datasets` read, and a page that people read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING

from builders.schema import LEDGER_COLUMNS, Column
from cards.audit.evidence import evidence_tables
from cards.dataset.bias import biases
from cards.dataset.citation import citation
from cards.dataset.columns import hub_feature, row_columns
from cards.dataset.facts import CardFacts, CardText, Sizes
from cards.dataset.measured import measured
from cards.dataset.samples import shown
from cards.dataset.sensitive import personal_data
from cards.dataset.uses import intended, out_of_scope
from cards.looks.look import Seen
from cards.looks.rules import looks
from cards.looks.text import card_lines
from cards.shared.records import JsonObject
from cards.shared.sources import (
    BACTRIAN,
    CITATIONS,
    INSTALL,
    LANGUAGE_CREATORS,
    ORIGINS,
    dataset_link,
    license_text,
)
from cards.shared.tables import ranked, share
from cards.shared.vocabulary import size_category
from cards.shared.words import in_words, number_of
from cards.statistics.by_language import language_rows
from cards.statistics.listed import captions
from cards.statistics.preferences import pair_tables

if TYPE_CHECKING:
    from huggingface_hub.repocard_data import DatasetCardData
    from jinja2 import Template

MADE_WITH = ("aguila-data", "python", "polars", "langdetect")
COMPARED = re.compile(r"Since \S+: .+\. Rows: .+\.")  # what `changes_text` writes
FIRST = "The first version that is published here."
UNREAD = "Not compared with the version before, which cannot be read."
UNCOMPARED = "This card was written by the build, which compares no versions; `aguila diff OLD NEW` does."


def dataset_card(facts: CardFacts) -> str:
    """The README.md of a version, with marked sections that people may edit (see `cards/shared/sections.py`)."""
    card = facts.card
    named = [source for source in card.source_datasets if source in ORIGINS]
    body = _template().render(
        facts=facts,
        captions=captions(),
        ranked=ranked,
        why=partial(_why, facts.reasons),
        share=share,
        measured=measured([*_dropping(facts), *facts.statistics.flags], facts.gold),
        pairs=[one for one in pair_tables(facts.statistics.preferences) if one.rows],
        row_columns=row_columns(facts.template.chat, facts.kind, facts.multilingual),
        by_language=language_rows(facts.statistics.by_language) if facts.statistics.by_language else None,
        ledger_columns=LEDGER_COLUMNS,
        samples=[shown(row) for row in facts.samples],
        looks=card_lines(looks(Seen(f"{facts.name}@{facts.version}", facts.source_rows, facts.kept, facts.statistics))),
        intended=intended(facts),
        out_of_scope=out_of_scope(facts),
        install=INSTALL,
        sources=[dataset_link(source) for source in card.source_datasets],
        labelled=[one for one in evidence_tables(facts.evidence) if one.rows] if facts.evidence else [],
        personal_data=personal_data(facts),
        biases=biases(facts),
        made_with=_made_with(facts),
        citation=citation(facts),
        changes=UNCOMPARED,
        limits=limits(facts),
        license_text=license_text(card.license, card.license_name, card.license_link, card.attribution),
        origins=[ORIGINS[source] for source in named],
        citations=[entry for source in named for entry in CITATIONS[source]],
    )
    header = card_data(facts).to_yaml(line_break="\n")
    return f"---\n{header}\n---\n\n{body}"


@cache
def _template() -> "Template":
    """The page, compiled once: that takes longer than to build a few rows."""
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown; what rows say goes through `samples.shown`
    )
    return environment.from_string((resources.files("cards.dataset") / "card.md.jinja").read_text("utf-8"))


def _why(reasons: Mapping[str, str], rule: str) -> str:
    """The first sentence of what a decision means, as a cell of a table."""
    return re.split(r"(?<=[.;:]) ", reasons.get(rule, ""))[0].rstrip(".;:").replace("|", "\\|")


def _dropping(facts: CardFacts) -> list[str]:
    """The rules that dropped rows, in the order of the stages."""
    dropped = facts.statistics.dropped
    return [rule for stage in facts.stages if stage.stage in dropped for rule in dropped[stage.stage]]


def changes_text(since: str, reason: str, counts: Mapping[str, int]) -> str:
    """The text of the card's section `changes`. The build leaves it to whoever publishes, who knows the version before.

    since: the version before. reason: what decided the number. counts: rows by what became of them, such as "added".
    """
    rows = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    return f"\nSince {since}: {reason}. Rows: {rows}.\n"


def changes_by_people(text: str) -> bool:
    """Whether a person wrote the text of the section `changes`: neither the build nor `changes_text` did."""
    return text.strip() not in ("", UNCOMPARED, FIRST, UNREAD) and not COMPARED.fullmatch(text.strip())


def limits(facts: CardFacts) -> list[str]:
    """What a reader should not expect of a version, as far as its facts tell."""
    found = [
        "The rules read text, not facts: a fluent, wrong answer is kept.",
        "What a rule is unsure of is kept and flagged in the ledger; leave flagged rows out where precision matters most.",
    ]
    if not facts.rules:
        found = ["No rule looked at these rows: the recipe switches all of them off."]
    known = [one.name for one in facts.languages if one.known]
    if not known:
        found.append(
            f"The builder knows no {facts.spoken} yet: the language of the rows was not checked, no rule that reads "
            "words ran, and what instructions begin with is counted by Spanish words."
        )
    elif len(known) < len(facts.languages):
        found.append(
            f"Of these languages the builder knows {in_words(known)} alone: of the others' rows the language was not checked, no "
            "rule that reads words ran on them, and what instructions begin with is counted by Spanish words."
        )
    if facts.multilingual:
        within = "Duplicates were looked for within each language."
        if facts.statistics.shared_ids:
            within += (
                f" Of {number_of(facts.statistics.shared_ids, 'id')} there are kept rows in several languages, as of a row and "
                "its translations: those of one id share a split."
            )
        found.append(within)
    language = facts.statistics.language
    questions, answers = (side.kept.get("undetermined", 0) for side in (language.question, language.answer))
    if questions or answers:
        found.append(
            f"Texts of kept rows that are too short or too mixed to tell their language, counted as {in_words(known)}: "
            f"{number_of(questions, 'question')}, {number_of(answers, 'answer')}."
        )
    if BACTRIAN in facts.card.source_datasets:
        found.append(
            "Instructions and inputs are machine translations: stilted wording, wrong gender and untranslatable tasks remain."
        )
    if not facts.statistics.dropped:
        found.append("No row was dropped: the recipe's filters are off or found nothing.")
    return found


def _made_with(facts: CardFacts) -> str:
    """The software that decides, and what tells languages."""
    named = [f"{name} {facts.software[name]}" for name in MADE_WITH if name in facts.software]
    model = facts.models.get("fasttext")
    return ", ".join([*named, *([f"fastText's lid.176 (sha256 `{model[:12]}…`)"] if model else [])])


def card_data(facts: CardFacts) -> "DatasetCardData":
    """The card's YAML: what the Hub shows and how `datasets` finds the files."""
    from huggingface_hub.repocard_data import DatasetCardData

    card = facts.card
    data_files = [{"split": split, "path": f"data/{split}-*"} for split in facts.rows]
    keys: JsonObject = {
        "pretty_name": facts.title,
        "language": [one.code for one in facts.languages],
        "license": card.license or "unknown",
        "license_name": card.license_name,
        "license_link": card.license_link,
        "annotations_creators": ["machine-generated"],  # the ledger's decisions
        "language_creators": _language_creators(card),
        "multilinguality": ["multilingual" if facts.multilingual else "monolingual"],
        "task_categories": ["text-generation"],
        "size_categories": [size_category(facts.kept)],
        "source_datasets": list(card.source_datasets) or None,
        "tags": own_tags([one.name for one in facts.languages], card.tags),
        "configs": [
            {"config_name": "default", "default": True, "data_files": data_files},
            {"config_name": "ledger", "data_files": [{"split": "train", "path": "ledger/train-*"}]},
        ],
        "dataset_info": [
            _info("default", row_columns(facts.template.chat, facts.kind, facts.multilingual), facts.rows),
            _info("ledger", LEDGER_COLUMNS, facts.ledger),
        ],
    }
    data = DatasetCardData(**keys)  # type: ignore[arg-type]
    for key, value in card.extra.items():  # not as arguments: a key may be called as one of these is
        data[key] = value
    return data


def own_tags(languages: Sequence[str], tags: Iterable[str]) -> list[str]:
    """The tags of a card: those of every card, then the recipe's. languages: their names."""
    return ["instruction-tuning", language_tag(languages), *tags]


def language_tag(languages: Sequence[str]) -> str:
    """What says in which language rows are, or that they are in several."""
    return languages[0].lower() if len(languages) == 1 else "multilingual"


def _language_creators(card: CardText) -> list[str] | None:
    """Who wrote the text, in the Hub's words; None where that is not known of every source."""
    known = [LANGUAGE_CREATORS.get(source) for source in card.source_datasets]
    return sorted({one for one in known if one}) or None if all(known) else None


def _info(config: str, columns: Sequence[Column], sizes: Sizes) -> JsonObject:
    return {
        "config_name": config,
        "features": [hub_feature(column.name, column.dtype) for column in columns],
        "splits": [
            {"name": split, "num_bytes": size.num_bytes, "num_examples": size.rows} for split, size in sizes.items()
        ],
        "download_size": sum(size.file_bytes for size in sizes.values()),
        "dataset_size": sum(size.num_bytes for size in sizes.values()),
    }
