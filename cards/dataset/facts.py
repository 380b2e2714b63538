"""What the card and the Croissant metadata say of a version. `builders.versions.facts` fills these records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from builders.schema import Kind
from cards.audit.evidence import Evidence
from cards.shared.records import FileSize, Measure, RuleCounts, StageCounts
from cards.shared.words import in_words
from cards.statistics.listed import Statistics

Sizes = Mapping[str, FileSize]  # by split


@dataclass(frozen=True)
class CardText:
    """What the recipe says for the card, besides numbers."""

    title: str | None
    summary: str
    license: str | None
    source_datasets: Sequence[str]
    tags: Sequence[str]
    license_name: str | None = None
    license_link: str | None = None
    attribution: Sequence[str] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class CardLanguage:
    """A language of the rows: its code, its name in English, and whether the builder knows it."""

    code: str
    name: str
    known: bool


@dataclass(frozen=True)
class CardTemplate:
    """The template of the prompts: its name, its text as people read it, and whether it makes chats."""

    name: str
    text: str
    chat: bool


@dataclass(frozen=True)
class CardFacts:
    """A version, as far as its card describes it.

    source, parallel: the pinned sources, one line each; parallel may be None. rows, ledger: sizes of the files of the two
    configs, by split. charts: a picture's description by its name. gold: by decision, on so many gold rows. hashes: sha256
    of every file that is written before the card, by its path. kind: what the rows are. samples: a few rows, by field.
    reasons: what each decision means, by its name.
    rules: how each rule was applied. masks: whether personal data is masked. evidence: what labels say of the decisions, if the
    recipe names labels. models: what the detectors are pinned by.
    """

    name: str
    version: str
    card: CardText
    languages: Sequence[CardLanguage]
    template: CardTemplate
    source: str
    parallel: str | None
    source_rows: int
    kept: int
    stages: Sequence[StageCounts]
    statistics: Statistics
    rows: Sizes
    ledger: Sizes
    charts: Mapping[str, str]
    gold: Mapping[str, Measure]
    gold_rows: int
    recipe_sha256: str
    content_sha256: str
    software: Mapping[str, str]
    hashes: Mapping[str, str]
    kind: Kind = "instructions"
    samples: Sequence[Mapping[str, str]] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, RuleCounts] = field(default_factory=dict)
    masks: bool = False
    evidence: Evidence | None = None
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the card is headed."""
        return self.card.title or self.name

    @property
    def spoken(self) -> str:
        """The languages of the rows, in words."""
        return in_words([one.name for one in self.languages])

    @property
    def multilingual(self) -> bool:
        """Whether rows are of several languages."""
        return len(self.languages) > 1
