"""What to build: a recipe is a frozen model, read from YAML, with a canonical hash."""

import hashlib
import json
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import Field, field_validator, model_validator

from builders.identifiers import DATASET_NAME
from builders.recipes.base import Frozen as Frozen
from builders.recipes.base import Share as Share
from builders.recipes.card import Card as Card
from builders.recipes.evaluation_sets import Decontaminate as Decontaminate
from builders.recipes.evaluation_sets import EvaluationSet as EvaluationSet
from builders.recipes.labels import LabelFile as LabelFile
from builders.recipes.labels import named
from builders.recipes.language import Language as Language
from builders.recipes.preferences import Preferences, require_source_of
from builders.recipes.preferences import Source as Source
from builders.recipes.scores import ScoreFile as ScoreFile
from builders.recipes.sources import Columns as Columns
from builders.recipes.sources import DemoSource as DemoSource
from builders.recipes.sources import FileSource as FileSource
from builders.recipes.sources import HubSource as HubSource
from builders.recipes.sources import ParallelFile as ParallelFile
from builders.recipes.sources import ParallelHub as ParallelHub
from builders.recipes.sources import Reading as Reading
from builders.recipes.sources import Shard as Shard
from builders.recipes.sources import VersionSource as VersionSource
from builders.schema import Kind


class Repair(Frozen):
    """Which mechanical edits may be made.

    enabled: whether the stage runs at all. mojibake: text that was decoded wrongly, such as `Ã±` for `ñ`. entities: HTML
    entities, such as `&quot;`. invisible: zero-width and direction characters. control: control characters. width:
    full-width Latin signs. nfc: letters and accents that are apart, and look-alike signs, in the composed form. no_input:
    inputs that only say that there is none, such as `<noinput>`. answer_label: a lone `A:`, `R:` or `Respuesta:` before an
    answer. personal_data: mask e-mail addresses, telephone, identity,
    card and account numbers.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"personal_data"})
    enabled: bool = True
    mojibake: bool = True
    entities: bool = True
    invisible: bool = True
    control: bool = True
    width: bool = True
    nfc: bool = True
    no_input: bool = True
    answer_label: bool = True
    personal_data: bool = False


class RuleSetting(Frozen):
    """How one rule is applied. What is left out stays as the rule itself declares it.

    enabled: whether the rule runs. verdict: what a score from the threshold on leads to. threshold: the score from which the
    verdict applies.
    """

    enabled: bool = True
    verdict: Literal["drop", "flag"] | None = None
    threshold: Share | None = None


class Quality(Frozen):
    """Settings of the quality stage.

    enabled: whether the stage runs at all. rules: settings of single rules by name; `refusal: false` switches one off.
    """

    enabled: bool = True
    rules: dict[str, RuleSetting] = Field(default_factory=dict)

    @field_validator("rules", mode="before")
    @classmethod
    def _switches(cls, rules: Any) -> Any:
        if not isinstance(rules, dict):
            return rules
        switched = {name: {"enabled": value} if isinstance(value, bool) else value for name, value in rules.items()}
        return dict(sorted(switched.items(), key=lambda item: str(item[0])))  # the order says nothing


class Switch(Frozen):
    """A part that is only on or off.

    enabled: whether these rows are looked for.
    """

    enabled: bool = True


class Near(Frozen):
    """Near-duplicates: resemblance is the Jaccard index of word n-grams, in the whole row and in question and answer apart.

    enabled: whether they are looked for. threshold: the index of whole rows from which one is a near-duplicate.
    part_threshold: the index that instruction and answer must each have. ngram: words of an n-gram.
    """

    enabled: bool = True
    threshold: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    part_threshold: Share = 0.6
    ngram: Annotated[int, Field(ge=1, le=10)] = 3


class Dedup(Frozen):
    """Which duplicates are removed.

    enabled: whether the stage runs at all. exact: the same text but for case, spaces and punctuation. near: texts that
    resemble. same_prompt: the same instruction and input with another answer.
    """

    enabled: bool = True
    exact: Switch = Switch()
    near: Near = Near()
    same_prompt: Switch = Switch()


class Sample(Frozen):
    """How many rows are kept.

    rows: how many; null keeps all. seed: the seed of the hash by which they are chosen. method: `hash` chooses by id;
    `first` takes the first of the source, and so depends on its order. shortfall: what happens when fewer rows are left:
    `error`, or `all` of them are kept.
    """

    rows: Annotated[int, Field(ge=1)] | None = None
    seed: int = 2024
    method: Literal["hash", "first"] = "hash"
    shortfall: Literal["error", "all"] = "error"


class Split(Frozen):
    """Shares of the rows that go to validation and test; the rest is train.

    validation: share of validation. test: share of test. seed: the seed of the hash by which an id gets its split.
    shard_bytes: how many bytes of text (UTF-8) one file of a split or of the ledger holds at most; more rows are cut into
    several files, in order. Recorded only where it is not the default.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"shard_bytes"})
    validation: Share = 0.05
    test: Share = 0.0
    seed: int = 2024
    shard_bytes: Annotated[int, Field(ge=1_000)] = 500_000_000

    @model_validator(mode="after")
    def _leaves_train(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something for train")
        return self


class Recipe(Frozen):
    """Everything that decides what a version holds.

    name: the dataset's name, and its folder's: lower case, digits, `.`, `_`, `-`. source: where the rows come from. repair:
    which mechanical edits may be made. language: what language the rows are to be in. quality: which rules apply, and from
    which score. decontaminate: evaluation sets to keep out; null where there are none. labels: what people judged of rows,
    which goes before the rules; null where there is none. scores: how hard a model found the answers, and what that
    leads to; null where nobody asked one. dedup: which duplicates are removed.
    sample: how many rows are kept. split: shares of validation and test. template: how prompts are written, by the name of
    a template. card: what the dataset card says besides numbers. kind: what the rows are: `instructions` with one answer
    each, or `preferences`, pairs of a better and a worse answer. preferences: of pairs, which are kept.
    """

    quiet: ClassVar[frozenset[str]] = frozenset({"decontaminate", "labels", "scores", "kind", "preferences"})
    kind: Kind = "instructions"
    name: Annotated[str, Field(pattern=DATASET_NAME)]
    source: Source = DemoSource()
    repair: Repair = Repair()
    language: Language = Language()
    quality: Quality = Quality()
    decontaminate: Decontaminate | None = None
    labels: LabelFile | None = None
    scores: ScoreFile | None = None
    dedup: Dedup = Dedup()
    sample: Sample = Sample()
    split: Split = Split()
    template: str = "instruccion"
    preferences: Preferences = Preferences()
    card: Card = Card()

    @field_validator("labels", mode="before")
    @classmethod
    def _labels(cls, value: Any) -> Any:
        return named(value)

    @property
    def parallel(self) -> ParallelFile | ParallelHub | None:
        """The source of the rows' English parallel rows, if the recipe names one."""
        return self.source.parallel if isinstance(self.source, FileSource | HubSource) else None

    @property
    def edits(self) -> Repair:
        """The edits that are made: those asked for, without the one that would harm the language's writing. Of several languages,
        rows say theirs, and the stage spares those that need it."""
        harmful = not self.language.several and self.language.pack.invisible_letters
        return self.repair.model_copy(update={"invisible": False} if harmful else {})

    @model_validator(mode="after")
    def _source_of_its_kind(self) -> Self:
        require_source_of(self.kind, self.source)
        return self

    @model_validator(mode="after")
    def _masks_what_it_knows(self) -> Self:
        unknown = [pack.name for pack in self.language.packs if pack.detection is None]
        if self.repair.personal_data and unknown:
            raise ValueError(
                f"repair.personal_data knows no personal data in {', '.join(unknown)} yet; leave one of the two out"
            )
        return self

    @model_validator(mode="after")
    def _pairs_in_one_language(self) -> Self:
        if self.kind == "preferences" and self.language.several:
            raise ValueError(
                "pairs of answers are of one language: name one with language.of, and build one recipe for each"
            )
        return self

    def canonical(self) -> str:
        """The recipe as canonical JSON: every value spelled out, keys sorted, no path of a machine."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hash of the canonical form."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def to_yaml(self) -> str:
        """The recipe as YAML that `load_recipe` reads back to an equal recipe."""
        text = yaml.safe_dump(self.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=100)
        return str(text)
