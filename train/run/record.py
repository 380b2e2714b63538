"""training.json: what an adapter was made of and how, as a typed record that is read and checked once, at the door.

    record = read_training(folder)          # NotFound, Invalid or OtherFormat where it is not one
    record.data.content_sha256

It may come from anyone. Whoever holds a `TrainingRecord` need not check it again: every field has its type, every hash its
length, every file a name that lies in the adapter's folder.
"""

from pathlib import Path
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from builders.errors import NotFound
from builders.identifiers import COMMIT, DATASET_NAME, is_repository, whole
from builders.manifest import Fingerprint, Hash
from builders.records import Look, RecordKind, read_record
from builders.schema import Split
from builders.stages.templates import Template
from cards.shared.records import Count, Word
from train.base.pin import BasePin
from train.engines import Device
from train.recipes.model import Attention, Precision, TrainRecipe

TRAINING = "training.json"
FORMAT = 2
# An adapter is one folder without folders in it.
FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z"
# Without these nothing can be loaded.
NEEDED = ("adapter_config.json", "adapter_model.safetensors", "template.json")

FileName = Annotated[str, Meta(pattern=FILE_NAME, max_length=100)]
Loss = float
Amount = Annotated[float, Meta(ge=0)]


class BaseRecord(BasePin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base: how it is pinned, and its shape."""

    model_type: str
    layers: Count
    vocabulary: Count


class DataPin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one version: as people name it, its repository and commit if it is on the Hub, its content, rows by split."""

    reference: str
    name: Annotated[str, Meta(pattern=whole(DATASET_NAME))]
    version: Word
    repo: str | None
    commit: Annotated[str, Meta(pattern=whole(COMMIT))] | None
    content_sha256: Hash
    rows: dict[Split, Count]

    def __post_init__(self) -> None:
        """A pin on the Hub names a repository and its commit. Raises ValueError, which the door turns into Invalid."""
        if (self.repo is None) != (self.commit is None):
            raise ValueError("repo and commit belong together")
        if self.repo is not None and not is_repository(self.repo):
            raise ValueError("repo must be OWNER/NAME")


class DataRecord(DataPin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that was trained on, with its licence and what its rows come from, for the adapter's card. languages: those of
    its rows by their codes, in English; absent of Spanish alone."""

    license: str
    source_datasets: tuple[str, ...]
    languages: dict[str, str] | UnsetType = UNSET
    license_name: str | None = None
    license_link: str | None = None
    attribution: tuple[str, ...] = ()


class TemplateSummary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the record says of the prompt template; template.json holds the whole of it."""

    name: Word
    sha256: Hash
    chat: bool
    text: str
    text_without_input: str

    @classmethod
    def of(cls, template: Template) -> "TemplateSummary":
        """The summary of a template."""
        return cls(
            name=template.name,
            sha256=template.sha256,
            chat=template.chat,
            text=template.text(),
            text_without_input=template.text(with_input=False),
        )


class TokenCounts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a split's rows come to as tokens. truncated: rows whose answer the window cuts."""

    rows: Count
    tokens: Count
    answer_tokens: Count
    median: Count
    longest: Count
    truncated: Count


class LeftOut(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows whose prompt alone fills the window: how many, and the ids of the first."""

    count: Count
    first: tuple[str, ...]


class TrainTokens(TokenCounts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The train split's counts."""

    left_out: LeftOut


class ValidationTokens(TokenCounts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The validation split's counts."""

    left_out: Count


class Filling(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Share of the first epoch's tokens that only fill up short rows: padded in random order, and grouped by length and packed
    where it runs so."""

    padded: Amount
    grouped: Amount | None = None
    packed: Amount | None = None


class AdapterPin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one adapter that a run started from: its name, its method, the hashes of its training.json and weights, the
    repository and commit if it is on the Hub, and the data that it was trained on."""

    name: Annotated[str, Meta(pattern=whole(DATASET_NAME))]
    kind: Word
    training_sha256: Hash
    weights_sha256: Hash
    repo: str | None
    commit: Annotated[str, Meta(pattern=whole(COMMIT))] | None
    data: DataPin

    def __post_init__(self) -> None:
        """A pin on the Hub names a repository and its commit. Raises ValueError, which the door turns into Invalid."""
        if (self.repo is None) != (self.commit is None):
            raise ValueError("repo and commit belong together")


class PairMeasures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How pairs of answers stand after a step.

    A side's reward is beta times its log-probability less that before the run. margin: chosen reward less rejected reward,
    on average. accuracy: share of pairs whose chosen side has the higher reward. drift: mean log-ratio of chosen answers.
    """

    step: Count
    margin: float
    accuracy: Amount
    chosen_reward: float
    rejected_reward: float
    drift: float


class PairMetrics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measures of pairs: of train pairs, the mean of the last epoch's steps; of validation pairs, each time."""

    train: PairMeasures
    validation: tuple[PairMeasures, ...]


class Tokens(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Counts of tokens by split. windows: what an epoch is made of. validation: left out where it is not measured."""

    train: TrainTokens
    validation: ValidationTokens | None = None
    windows: Count
    filling: Filling


class EvaluationPoint(Struct, frozen=True, forbid_unknown_fields=True):
    """One evaluation on the validation rows: after which step, and the mean loss."""

    step: Count
    loss: Loss


class Metrics(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Losses: of the train rows on average, at first and at last; of the validation rows at first, at last and each time.

    kept_step: the step whose weights were kept, where the best were; eval_loss is theirs. Left out where they are the last.
    pairs: measures of pairs of answers, where those were learnt.
    """

    train_loss: Loss
    first_train_loss: Loss
    last_train_loss: Loss
    first_eval_loss: Loss | None
    eval_loss: Loss | None
    evaluations: tuple[EvaluationPoint, ...]
    kept_step: Count | None = None
    pairs: PairMetrics | None = None


class Run(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that depends on clock and machine. after_step: where it was resumed, 0 where it was not; seconds count from there."""

    seconds: Amount
    after_step: Count
    tokens_per_second: Amount
    peak_memory_bytes: Count
    device: Device
    hardware: str
    processes: Count


class Training(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run made of what, without the files that hold it.

    format: the format of the adapter's files; another one is refused. kind: the method, such as sft. name: the adapter's
    name. recipe: the recipe, with its base pinned. recipe_sha256: hash of the recipe's canonical form. base: how the base
    is pinned, and its shape. data: exactly one version, with its licence and sources. template: the prompt template.
    tokens: counts of tokens by split. steps: optimizer steps. metrics: losses. engine: `plain` or `unsloth`. precision: the
    precision of the computation. attention: how it was computed. optimizer: the one that ran; the recipe's may need a GPU.
    software: versions of what can
    change an adapter. run: all that depends on clock and machine. adapter: the one that the run started from, where it did.
    """

    format: int = FORMAT
    kind: Word
    name: Annotated[str, Meta(pattern=whole(DATASET_NAME))]
    recipe: TrainRecipe
    recipe_sha256: Hash
    base: BaseRecord
    data: DataRecord
    template: TemplateSummary
    tokens: Tokens
    steps: Count
    metrics: Metrics
    engine: Word
    precision: Precision
    attention: Attention = "sdpa"
    optimizer: Word
    software: dict[Word, Word]
    run: Run
    adapter: AdapterPin | UnsetType = UNSET


class TrainingRecord(Training, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An adapter's training.json: what it was made of, and the files beside it.

    files: size and hash of every other file.
    """

    files: dict[FileName, Fingerprint]

    def __post_init__(self) -> None:
        """The files that an adapter cannot be without are there. Raises ValueError, which the door turns into Invalid."""
        if missing := [name for name in NEEDED if name not in self.files]:
            raise ValueError(f"files lacks {', '.join(missing)}")

    @property
    def weights_sha256(self) -> str:
        """Hash of the adapter's weights."""
        return self.files["adapter_model.safetensors"].sha256


class _Look(Look, frozen=True):
    """The fields that every record of ours has had, in whatever format."""

    name: str
    recipe_sha256: Hash
    base: dict[str, Any]
    data: dict[str, Any]
    files: dict[str, Any]


KIND = RecordKind(
    "the record of an adapter",
    TrainingRecord,
    look=_Look,
    format=FORMAT,
    again="train or fetch the adapter again",
    anew="train the adapter again with this software",
)


def read_training(folder: Path) -> TrainingRecord:
    """Read and check the training.json of a folder. Raises NotFound, Invalid or OtherFormat."""
    try:
        return read_record(KIND, folder / TRAINING)
    except FileNotFoundError:
        if not Path(folder).exists():
            raise NotFound(f"{folder}: no such folder, so no adapter") from None
        raise NotFound(f"{folder}: not an adapter (it has no {TRAINING}, which is written last)") from None
