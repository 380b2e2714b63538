"""A merged model on disk: its record, and how it is opened and checked."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import Struct

from builders.errors import Changed, NotFound
from builders.manifest import Fingerprint, Hash
from builders.records import Look, RecordKind, read_record
from builders.versions.fingerprint import file_fingerprint
from cards.shared.records import Word
from train.adapters.adapter import CARD
from train.base.location import CONFIG_FILES, INDEXES, TOKENIZER_FILES
from train.recipes.model import Precision
from train.run.record import BaseRecord, DataRecord, FileName, TemplateSummary

RECORD = "merging.json"
FORMAT = 1
FILES = frozenset((CARD, "template.json", INDEXES[0], *CONFIG_FILES, *TOKENIZER_FILES))
WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")


def holds(name: str) -> bool:
    """Is it a file of a merged model, beside its record?"""
    return name in FILES or bool(WEIGHTS.fullmatch(name))


class MergedAdapter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The adapter that went in: its name, and the hashes of its training.json and of its weights."""

    name: str
    training_sha256: Hash
    weights_sha256: Hash


class Comparison(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far the merged model's logits are from those of base and adapter.

    tolerance: what is allowed, as a share of the largest logit. tokens, same_next_token: probed, and of these with the same
    likeliest next token.
    """

    max_difference: float
    largest_logit: float
    tolerance: float
    tokens: int
    same_next_token: int


class MergingRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merged model's merging.json. base, data, template: as the adapter's record has them. files: all but this one."""

    format: int = FORMAT
    base: BaseRecord
    adapter: MergedAdapter
    data: DataRecord
    template: TemplateSummary
    precision: Precision
    check: Comparison
    software: dict[Word, Word]
    files: dict[FileName, Fingerprint]

    @property
    def weights_sha256(self) -> tuple[str, ...]:
        """Hashes of the files that hold weights."""
        return tuple(one.sha256 for name, one in sorted(self.files.items()) if name.endswith(".safetensors"))


@dataclass(frozen=True)
class Merged:
    """A merged model that is there: its folder and its record."""

    path: Path
    record: MergingRecord


class _Look(Look, frozen=True):
    """The fields that every record of ours has had, in whatever format."""

    adapter: dict[str, Any]
    files: dict[str, Any]


KIND = RecordKind(
    "the record of a merged model",
    MergingRecord,
    look=_Look,
    format=FORMAT,
    again="merge the adapter again",
    anew="merge the adapter again with this software",
)


def open_merged(folder: Path) -> Merged:
    """Open and check a merged model.

    Raises NotFound when there is none or a file is missing, Invalid or OtherFormat for a record that cannot be used, and
    Changed for a file that is not what the record says.
    """
    try:
        record = read_record(KIND, folder / RECORD)
    except FileNotFoundError:
        raise NotFound(f"{folder}: not a merged model (it has no {RECORD}, which is written last)") from None
    for name, expected in record.files.items():
        if not (folder / name).is_file():
            raise NotFound(f"{folder}: {name} is missing", KIND.again)
        if name != CARD and file_fingerprint(folder / name) != expected:  # people may edit the card
            raise Changed(f"{folder / name}: not what {RECORD} says", KIND.again)
    return Merged(folder, record)
