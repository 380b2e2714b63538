"""An adapter on disk: its layout, how it is written at once, how it is opened and checked.

adapter_config.json, adapter_model.safetensors   what peft reads; the base by repository and commit, or by name
tokenizer.json, tokenizer_config.json, …         the base's tokenizer with its pad pinned
base_config.json                                 a Falcon base's configuration in today's names; Águila's own is of 2023
template.json                                    the prompt template, with its hash
losses.csv, loss.svg                             step, split, loss; the same as a picture
pairs.csv                                        step, split, measures of pairs of answers, where those were learnt
README.md                                        model card
training.json                                    what it was made of and how, and the hashes of the files above; written
                                                 last: a folder without it is no adapter of ours (`train/run/record.py`)
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from builders.durable import move_into_place
from builders.errors import Changed, Conflict, Invalid, NotFound
from builders.manifest import TemplateRecord
from builders.records import to_json
from builders.stages.templates import Template
from builders.versions.fingerprint import file_fingerprint
from train.adapters.fetching import adapter_folder, hub_place
from train.base.checkpoint import Checkpoint
from train.base.location import TOKENIZER_FILES
from train.base.tokenizer import write_json
from train.failures import no_room
from train.recipes.model import Base
from train.run.record import KIND, TRAINING, AdapterPin, DataPin, Training, TrainingRecord, read_training

CARD = "README.md"
WEIGHTS = "adapter_model.safetensors"
BASE_CONFIG = "base_config.json"
# What an adapter is made of beside its record. Optimizer states, checkpoints and anything that would have to be unpickled are
# not.
FILES = frozenset(
    (
        *(CARD, "adapter_config.json", WEIGHTS, BASE_CONFIG, "template.json", "losses.csv", "loss.svg", "pairs.csv"),
        *TOKENIZER_FILES,
    )
)


@dataclass(frozen=True)
class Adapter:
    """An adapter that is there: its folder and its record."""

    path: Path
    record: TrainingRecord

    @cached_property
    def template(self) -> Template:
        """The template that it was trained on, and that prompts for it are written in. Raises Invalid for a broken one."""
        path = self.path / "template.json"
        try:
            template = msgspec.json.decode(path.read_bytes(), type=TemplateRecord).template()
        except (OSError, ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
            raise Invalid(f"{path}: cannot be read ({error})", KIND.again) from None
        except Invalid as problem:
            problem.message, problem.hint = f"{self.path}: {problem.message}", KIND.again
            raise
        if template.sha256 != self.record.template.sha256:
            raise Changed(f"{self.path}: template.json is not the template that it was trained on", KIND.again)
        return template

    @property
    def pin(self) -> AdapterPin:
        """What is recorded of an adapter that a run starts from: never a path of this machine."""
        record = self.record
        repo, commit = hub_place(self.path)
        return AdapterPin(
            name=record.name,
            kind=record.kind,
            training_sha256=file_fingerprint(self.path / TRAINING).sha256,
            weights_sha256=record.weights_sha256,
            repo=repo,
            commit=commit,
            data=DataPin(**{name: getattr(record.data, name) for name in DataPin.__struct_fields__}),
        )

    def base(self, where: str | None = None) -> Base:
        """The pinned base, for `open_checkpoint`. `where` is a folder that holds it now, needed if it is not on the Hub.

        Raises NotFound when nothing says where it is; `open_checkpoint` raises when the folder holds another base.
        """
        pin, pad = self.record.base, self.record.recipe.base.pad_token
        if pin.repo and where is None:
            return Base(repo=pin.repo, revision=pin.revision, pad_token=pad)
        if where is None:
            raise NotFound(
                f"adapter {self.path}: its base is the folder {pin.name!r}", "say where it is with --base FOLDER"
            )
        return Base(path=where, sha256=pin.sha256, pad_token=pad)


def open_adapter(where: Path | str) -> Adapter:
    """Open and check an adapter: a folder, or OWNER/NAME@vX.Y.Z on the Hub (see `train/adapters/fetching.py`).

    Raises NotFound when there is none or a file is missing, Invalid or OtherFormat for a record that cannot be used, and
    Changed for a file that is not what the record says.
    """
    folder = adapter_folder(where, [TRAINING, *sorted(FILES)])
    record = read_training(folder)
    for name, expected in record.files.items():
        if not (folder / name).is_file():
            raise NotFound(f"{folder}: {name} is missing", KIND.again)
        if name != CARD and file_fingerprint(folder / name) != expected:  # people may edit the card
            raise Changed(f"{folder / name}: not what {TRAINING} says", KIND.again)
    return Adapter(folder, record)


def write_adapter(
    model: Any,
    checkpoint: Checkpoint,
    template: Template,
    training: Training,
    folder: Path,
    more: Callable[[Path], None] = lambda folder: None,
) -> Adapter:
    """Write an adapter beside `folder` and move it there whole; `more` writes further files into the unfinished folder.

    Raises Conflict when there is something at `folder` already, Exhausted without space; nothing half-written is left there.
    """
    from safetensors import SafetensorError  # which is no OSError, when it cannot write

    if folder.exists():
        raise Conflict(f"{folder}: there is something already", "choose another --out")
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        _save(model, checkpoint, making)
        (making / "template.json").write_text(to_json(TemplateRecord.of(template)), "utf-8")
        more(making)
        seal(making, training)
        move_into_place(making, folder)
    except (OSError, SafetensorError) as error:
        raise no_room(folder, error, "free space there, then run again with --resume") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return open_adapter(folder)


def seal(folder: Path, training: Training) -> None:
    """Write training.json with the hashes of all other files: last."""
    files = {path.name: file_fingerprint(path) for path in sorted(folder.iterdir()) if path.name != TRAINING}
    fields = {name: getattr(training, name) for name in Training.__struct_fields__}
    (folder / TRAINING).write_text(to_json(TrainingRecord(**fields, files=files)), "utf-8")


def _save(model: Any, checkpoint: Checkpoint, folder: Path) -> None:
    """Weights and configuration as peft reads them, without paths of this machine; the base's tokenizer."""
    model.save_pretrained(str(folder), safe_serialization=True, save_embedding_layers=False)
    (folder / CARD).unlink(missing_ok=True)  # peft's own card, with the path of the base
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text("utf-8"))
    config["base_model_name_or_path"] = checkpoint.pin.repo or checkpoint.pin.name
    config["revision"] = checkpoint.pin.revision
    config["inference_mode"] = True
    config["target_modules"] = sorted(config["target_modules"])
    write_json(path, config)
    if checkpoint.model_type == "falcon":
        shutil.copyfile(checkpoint.folder / "config.json", folder / BASE_CONFIG)
    for name in TOKENIZER_FILES:
        if (checkpoint.folder / name).is_file():
            shutil.copyfile(checkpoint.folder / name, folder / name)
