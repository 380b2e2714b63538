"""manifest.json: what a version is, as a typed record that is read and checked once, at the door.

    manifest = read_manifest(path)          # Invalid, OtherFormat or NotFound where it is not one
    manifest.content_sha256

Whoever holds a `Manifest` need not check it again: every field has its type, every hash its length, every path is one that
a version may have. It may come from anyone, so its size and depth are bounded too.
"""

from pathlib import Path
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from pydantic import RootModel

from builders.errors import Invalid, NotFound
from builders.identifiers import DATASET_NAME, SHA256, VersionNumber, require_version_number, version_number, whole
from builders.labels.records import LabelUse
from builders.recipes.model import Recipe, Source
from builders.recipes.recorded import require_no_places
from builders.records import Look, RecordKind, parse_record, read_record
from builders.schema import FORMAT
from builders.stages.templates import Template
from cards.shared.records import Count, FileSize, Measure, RuleCounts, StageCounts, Word

# What a version's files may be called: nothing outside the folder, no pattern, nothing hidden, nothing endless.
FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,3}\Z"

Hash = Annotated[str, Meta(pattern=whole(SHA256))]
FilePath = Annotated[str, Meta(pattern=FILE_NAME, max_length=200)]


class Fingerprint(Struct, frozen=True, forbid_unknown_fields=True):
    """A file's size in bytes and its sha256."""

    bytes: Count
    sha256: Hash


class TemplateRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """The template that prompts are written in, its text as people read it, and its hash."""

    name: Word
    before: str
    before_without_input: str
    input_marker: str
    output_marker: str
    markers: tuple[str, ...]
    keeps_empty_input: bool
    chat: bool
    text: str
    sha256: Hash

    @classmethod
    def of(cls, template: Template) -> "TemplateRecord":
        """What is recorded of a template."""
        return cls(**template.fields(), text=template.text(), sha256=template.sha256)

    def template(self) -> Template:
        """The template itself. Raises Invalid when it is not what its hash says."""
        names = set(self.__struct_fields__) - {"text", "sha256"}
        template = Template(**{name: getattr(self, name) for name in names})
        if template.sha256 != self.sha256:
            raise Invalid("the recorded template is not what its hash says", "build or fetch it again")
        return template


class SourcePin(RootModel[Source]):
    """The recipe's source as it was pinned; it stands in the recipe too."""


class Contents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a build made, as far as it does not depend on the version's number.

    format: the format of the version's files; another one is refused. name: the dataset's name. source_rows: rows of the
    source. kept: rows that were kept. dropped: rows that were dropped. splits: kept rows by split. content_sha256: hash of
    the kept rows, sorted by id, as canonical JSON. recipe_sha256: hash of the recipe's canonical form. recipe: with every
    default and pin filled in. source: the recipe's source, as it was pinned. stages: rows before and after each stage.
    rules: how each rule was applied, and how many rows it dropped, flagged and signalled. charts: a picture's description
    by its name. gold: how good each decision is on the gold rows. gold_rows: how many gold rows there are. template: the
    template that prompts are written in. columns: the columns of the rows. sizes: rows and bytes of the Parquet files, by
    config and split. models: what the detectors are pinned by. software: versions of what can change bytes.
    labels: what became of the labels that the recipe names; absent where it names none.
    """

    format: int = FORMAT
    name: Annotated[str, Meta(pattern=whole(DATASET_NAME))]
    source_rows: Count
    kept: Count
    dropped: Count
    splits: dict[str, Count]
    content_sha256: Hash
    recipe_sha256: Hash
    recipe: Recipe
    source: SourcePin
    stages: tuple[StageCounts, ...]
    rules: dict[str, RuleCounts]
    charts: dict[str, str]
    gold: dict[str, Measure]
    gold_rows: Count
    template: TemplateRecord
    columns: tuple[str, ...]
    sizes: dict[str, dict[str, FileSize]]
    models: dict[str, Word]
    software: dict[str, Word]
    labels: LabelUse | UnsetType = UNSET


class Manifest(Contents, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version's manifest.json.

    version: the version's number. card_sha256: hash of the card without its editable sections. files: size and hash of
    every other file.
    """

    version: Word
    card_sha256: Hash
    files: dict[FilePath, Fingerprint]

    @property
    def number(self) -> VersionNumber:
        """The version's number."""
        return require_version_number(self.version)


class _Look(Look, frozen=True):
    """The fields that every manifest of ours has had, in whatever format."""

    name: str
    version: str
    content_sha256: Hash
    files: dict[str, Any]


KIND = RecordKind(
    "the manifest of a version",
    Manifest,
    look=_Look,
    format=FORMAT,
    again="fetch or build the version again",
    anew="build the version again with this software",
)


def read_manifest(path: Path, where: str = "") -> Manifest:
    """Read and check a manifest.json, called `where` in errors. Raises NotFound, NotARecord, Invalid or OtherFormat."""
    try:
        return _numbered(read_record(KIND, path, where), where or str(path))
    except FileNotFoundError:
        raise NotFound(f"{path.parent}: not a version (it has no {path.name})") from None


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Check the bytes of a manifest. Raises NotARecord, Invalid (naming `where` and the field) or OtherFormat."""
    return _numbered(parse_record(KIND, data, where), where)


def _numbered(manifest: Manifest, where: str) -> Manifest:
    for part in (manifest.recipe, manifest.source.root):
        require_no_places(part, where)
    if version_number(manifest.version) is None:
        raise Invalid(f"{where}: not sound ({manifest.version!r} is no version number)", KIND.again)
    return manifest
