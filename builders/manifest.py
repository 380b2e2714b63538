"""manifest.json: what a version is, as a typed record that is read and checked once, at the door.

    manifest = read_manifest(path)          # Invalid, OtherFormat or NotFound where it is not one
    manifest.content_sha256

Whoever holds a `Manifest` need not check it again: every field has its type, every hash its length, every path is one that
a version may have. It may come from anyone, so its size and depth are bounded too.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from pydantic import BaseModel, RootModel, ValidationError

from builders.errors import Invalid, NotFound, OtherFormat
from builders.identifiers import DATASET_NAME, SHA256, VersionNumber, require_version_number, version_number
from builders.recipes.model import Recipe, Source
from builders.recipes.recorded import require_no_places
from builders.schema import FORMAT
from builders.stages.templates import Template

LARGEST = 64 << 20  # bytes of a manifest that is read; ours has about 20 kB
# What a version's files may be called: nothing outside the folder, no pattern, nothing hidden, nothing endless.
FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,3}$"

Hash = Annotated[str, Meta(pattern=SHA256)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
FilePath = Annotated[str, Meta(pattern=FILE_NAME, max_length=200)]
Word = Annotated[str, Meta(max_length=200)]


class Fingerprint(Struct, frozen=True, forbid_unknown_fields=True):
    """A file's size in bytes and its sha256."""

    bytes: Count
    sha256: Hash


class StageCounts(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows before and after one stage."""

    stage: Word
    rows_in: Count
    rows_out: Count


class RuleCounts(Struct, frozen=True, forbid_unknown_fields=True):
    """How one rule was applied, and how many rows it dropped, flagged and signalled."""

    version: Count
    verdict: Word
    threshold: float
    drops: Count
    flags: Count
    signals: Count


class Measure(Struct, frozen=True, forbid_unknown_fields=True):
    """Counts of one decision on the gold rows: caught rightly, caught wrongly, missed."""

    true_positives: Count
    false_positives: Count
    false_negatives: Count

    @property
    def precision(self) -> float | None:
        """Share of what was caught that has the defect; None when nothing was caught."""
        caught = self.true_positives + self.false_positives
        return self.true_positives / caught if caught else None

    @property
    def recall(self) -> float | None:
        """Share of the rows with the defect that were caught; None when no row has it."""
        defective = self.true_positives + self.false_negatives
        return self.true_positives / defective if defective else None


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


class FileSize(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of one Parquet file, their bytes in memory (Arrow) and on disk."""

    rows: Count
    num_bytes: Count
    file_bytes: Count


class SourcePin(RootModel[Source]):
    """The recipe's source as it was pinned; it stands in the recipe too."""


class Contents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a build made, as far as it does not depend on the version's number.

    splits: rows by split. charts: a picture's description by its name. sizes: by config and split. models: what the
    detectors are pinned by. software: versions of what can change bytes.
    """

    format: int = FORMAT
    name: Annotated[str, Meta(pattern=DATASET_NAME)]
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


class Manifest(Contents, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version's manifest.json. card_sha256: of the card without its editable sections. files: all but the manifest."""

    version: str
    card_sha256: Hash
    files: dict[FilePath, Fingerprint]

    @property
    def number(self) -> VersionNumber:
        """The version's number."""
        return require_version_number(self.version)


AGAIN = "fetch or build the version again"


class NotAManifest(Invalid):
    """A file that does not even look like a manifest of ours."""


def read_manifest(path: Path, where: str = "") -> Manifest:
    """Read and check a manifest.json, called `where` in errors. Raises NotFound, Invalid or OtherFormat."""
    where = where or str(path)
    try:
        if not path.is_file():  # a pipe or a device may never end
            raise FileNotFoundError
        if path.stat().st_size > LARGEST:
            raise NotAManifest(f"{where}: larger than any manifest ({path.stat().st_size:,} bytes)", AGAIN)
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path.parent}: not a version (it has no {path.name})") from None
    except OSError as error:
        raise Invalid(f"{where}: cannot be read ({error.strerror})", AGAIN) from None
    return parse_manifest(data, where)


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Check the bytes of a manifest. Raises NotAManifest, Invalid (naming `where` and the field) or OtherFormat."""
    try:
        look = msgspec.json.decode(data, type=_Look)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NotAManifest(f"{where}: not the manifest of a version ({_reason(error)})", AGAIN) from None
    if look.format != FORMAT:
        hint = "upgrade aguila-data" if look.format > FORMAT else "build the version again with this software"
        raise OtherFormat(f"{where}: written in format {look.format}, this software reads {FORMAT}", hint)
    try:
        manifest = msgspec.json.decode(data, type=Manifest, dec_hook=_recipe_part)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"{where}: not sound ({_reason(error)})", AGAIN) from None
    for part in (manifest.recipe, manifest.source.root):
        require_no_places(part, where)
    if version_number(manifest.version) is None:
        raise Invalid(f"{where}: not sound ({manifest.version!r} is no version number)", AGAIN)
    return manifest


def to_json(record: Any) -> str:
    """A record, or plain values with records in them, as a version writes JSON: keys sorted, two spaces, one line end."""
    return json.dumps(plain(record), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def plain(record: Any) -> Any:
    """A record as plain values (mappings, lists, strings, numbers), ready for JSON."""
    return msgspec.json.decode(msgspec.json.encode(record, enc_hook=_plain))


class _Look(Struct, frozen=True):
    """The fields that every manifest of ours has had, in whatever format."""

    format: int
    name: str
    version: str
    content_sha256: Hash
    files: dict[str, Any]


def _recipe_part(kind: type[BaseModel], value: Any) -> BaseModel:
    """The parts of a manifest that the recipe's own models read (msgspec's hook for types that are not its own)."""
    return kind.model_validate(value)


def _plain(value: Any) -> Any:
    """A recipe's part as plain values (msgspec's hook for types that are not its own)."""
    if isinstance(value, Mapping):
        return dict(value)
    return value.model_dump(mode="json")


def _reason(error: Exception) -> str:
    """The decoder's complaint in a few words, without the value that it complains of."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error.__cause__, ValidationError):  # a part that the recipe's models read
        first = error.__cause__.errors(include_input=False, include_url=False)[0]
        return f"recipe.{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
    if "at `key` in `$.files`" in str(error):
        return "it names a file that no version has"
    return re.sub(r"[^\x20-\x7e]+", " ", str(error))[:200]
