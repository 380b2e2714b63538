"""What is published of a training, an adapter or a merged model: its files, its record, and what must not be sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from builders.errors import Invalid, NotFound
from builders.records import RecordKind
from cards.shared.vocabulary import card_faults
from train.adapters import merged
from train.adapters.adapter import CARD, FILES, Adapter
from train.adapters.merged import Merged, MergingRecord
from train.base.location import read_json
from train.run.record import KIND, TRAINING, TrainingRecord

Record = TrainingRecord | MergingRecord


@dataclass(frozen=True)
class Form:
    """What is published: its name, the file of its record, what that is, and which files may be beside it."""

    name: str
    file: str
    kind: RecordKind[Any]
    holds: Callable[[str], bool]

    @property
    def title(self) -> str:
        """How a commit's title begins."""
        return f"{self.name.capitalize()} "


ADAPTER = Form("adapter", TRAINING, KIND, FILES.__contains__)
MODEL = Form("model", merged.RECORD, merged.KIND, merged.holds)
# Texts in which a path of this machine could be.
SETTINGS = ("adapter_config.json", "config.json", "generation_config.json", "tokenizer_config.json")


def require_sendable(form: Form, made: Adapter | Merged) -> str:
    """The card. Raises Problem for what must not be sent."""
    folder, files, again = made.path, made.record.files, form.kind.again
    for name in files:
        if not form.holds(name):
            raise Invalid(f"{folder}: its record lists {name!r}, which no {form.name} has", again)
    for name in (form.file, *(name for name in SETTINGS if name in files)):
        for key, text in _strings(read_json(folder / name, again)):
            if "\n" not in text and (PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()):
                raise Invalid(f"{folder / name}: {key} holds the path {text!r}, which is of this machine", "correct it")
    if CARD not in files:
        raise NotFound(f"{folder}: it has no card, {CARD}", again)
    try:
        card = (folder / CARD).read_text("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{folder / CARD}: not UTF-8 text", "correct it, then publish again") from None
    if faults := card_faults(card, "model"):
        raise Invalid(f"{folder / CARD}: the Hub would refuse the card: {'; '.join(faults)}", "correct its header")
    return card


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with the dotted key that leads to it."""
    if isinstance(value, str):
        yield key, value
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from _strings(inner, f"{key}.{name}" if key else str(name))
