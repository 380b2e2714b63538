"""The parts of docs/ that are made from the code: keys of recipes and records, columns, shapes of `--json`, commands, rooms.

    make docs                          # or: python -m docs.generate
    python -m docs.generate --check    # says which pages are stale, and writes nothing

A part is whatever lies between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a key of PARTS. A test fails when one is
stale.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from aguila.commands.command import ORDER, commands_in
from builders.gold import Label
from builders.manifest import Manifest
from builders.recipes.model import Recipe
from builders.schema import LEDGER_COLUMNS, PAIR_COLUMNS, ROW_COLUMNS, Column
from builders.stages.templates import TEMPLATES
from cards.rows.records import Story
from cards.statistics.listed import Statistics
from docs.dependencies import dependencies
from docs.records import about, bare, fields, inner, shape, table
from docs.rooms import rooms as room_graph
from train.adapters.lineage import Lineage
from train.adapters.merged import MergingRecord
from train.answers.answering import Answered
from train.answers.measures import Evaluated
from train.answers.sampled import SampledAnswers
from train.comparison.compare import ComparedModels
from train.comparison.experiment import ExperimentFound
from train.recipes.model import TrainRecipe
from train.run.description import Description
from train.run.record import TrainingRecord

ROOT = Path(__file__).parent.parent
PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
GOLDEN = ROOT / "tests" / "aguila" / "golden"
WIDTH = 112  # of a line of JSON


def main() -> None:
    """Write every generated part, or say which files have a stale one."""
    stale = [path for path in pages() if path.read_text("utf-8") != made(path)]
    if "--check" in sys.argv[1:]:
        sys.exit(f"stale: {', '.join(str(path.relative_to(ROOT)) for path in stale)}; run `make docs`" if stale else 0)
    for path in stale:
        path.write_text(made(path), "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


def pages() -> list[Path]:
    """The pages with generated parts."""
    return sorted(path for path in (ROOT / "docs").rglob("*.md") if PART.search(path.read_text("utf-8")))


def made(path: Path) -> str:
    """A page's text with its generated parts as they should be."""
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part['name']]()}\n\n{part[3]}", path.read_text("utf-8"))


# ---- recipes and records ---------------------------------------------------------------------------------------------


def keys(recipe: type[Any]) -> str:
    """A recipe's keys: a table of its own ones, then one for each mapping in it, under its dotted key."""
    found: dict[type[Any], str] = {}

    def visit(record: type[Any], place: str) -> None:
        for name, (kind, _) in fields(record).items():
            within = f"{place}.{name}".lstrip(".")
            for part in dict.fromkeys(inner(kind)):
                if part not in found:
                    found[part] = within + _variant(part, kind)
                    visit(part, within)

    visit(recipe, "")
    return "\n\n".join([_section("", recipe, found), *(_section(place, one, found) for one, place in found.items())])


def _variant(record: type[Any], among: Any) -> str:
    """What tells one of several records that a key may hold: its `kind`."""
    kind = fields(record).get("kind")
    return f" (kind: {kind[1]})" if kind and len(set(inner(among))) > 1 else ""


def records(record: type[Any], **headings: type[Any]) -> str:
    """The keys of a JSON record. Records inside it are shown by their shape, those in `headings` by a link."""
    places = {of: name.replace("_", " ") for name, of in headings.items()}
    return _section("", record, places, defaults=False)


def _section(heading: str, record: type[Any], places: dict[type[Any], str], defaults: bool = True) -> str:
    whole, _ = about(record)
    return "\n\n".join(filter(None, [heading and f"#### {heading}", whole, "\n".join(table(record, places, defaults))]))


def columns(of: Iterable[Column]) -> str:
    """Columns of a Parquet file."""
    lines = [f"| `{one.name}` | {one.dtype} | {one.meaning} |" for one in of]
    return "\n".join(["| column | type | meaning |", "| --- | --- | --- |", *lines])


def templates() -> str:
    """The prompts of every template, with the fields in their places: with an input, then without one."""
    found = []
    for name, one in TEMPLATES.items():
        row = "\n\n".join(f"```text\n{one.text(with_input=given)}\n```" for given in (True, False))
        turns = ", a list of one turn of the user (and the answer of one turn of the assistant)" if one.chat else ""
        found.append(f"#### {name}\n\nWith an input, and without one{turns}:\n\n{row}")
    return "\n\n".join(found)


# ---- `--json` --------------------------------------------------------------------------------------------------------


def shapes() -> str:
    """What each command prints under `--json`: the golden files that the tests compare with, or the record of several."""
    documents = {file.stem: json.loads(file.read_text("utf-8")) for file in GOLDEN.glob("*.json")}
    documents = {name: one for name, one in documents.items() if not name.startswith("explain-")}
    return _blocks({**documents, "explain": shape(Story)})


def training_shapes() -> str:
    """The same of the trainer's commands."""
    path = {"path": "<str>"}
    return _blocks(
        {
            "train sft --dry-run": shape(Description),
            "train sft": path | shape(TrainingRecord),
            "generate": shape(Answered),
            "answers": shape(SampledAnswers),
            "explain ADAPTER": {"ok": "<bool>"} | shape(Lineage),
            "evaluate": shape(Evaluated),
            "compare": shape(ComparedModels),
            "experiment": shape(ExperimentFound),
            "merge": path | shape(MergingRecord),
        }
    )


def _blocks(documents: Mapping[str, Any]) -> str:
    """Documents under the names of their commands, in the order of `aguila --help`."""

    def order(name: str) -> tuple[int, str]:
        first = re.split("[- ]", name)[0]
        return (ORDER.index(first) if first in ORDER else len(ORDER)), name

    return "\n\n".join(
        f"#### {name}\n\n```text\n{compact(documents[name])}\n```" for name in sorted(documents, key=order)
    )


def compact(value: Any, indent: str = "", before: int = 0) -> str:
    """JSON whose parts stand on one line where they fit, with kinds of value bare: `"kept": int`."""
    line = bare(json.dumps(value, ensure_ascii=False))
    if len(indent) + before + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inside, within = indent + "  ", []
    for name, one in value.items() if isinstance(value, dict) else (("", one) for one in value):
        label = f'"{name}": ' if isinstance(value, dict) else ""
        within.append(f"{inside}{label}{compact(one, inside, len(label))}")
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(within) + f"\n{indent}{closing}"


# ---- commands and rooms ----------------------------------------------------------------------------------------------


def commands() -> str:
    """The help of every command, in the order of `aguila --help`."""
    found = sorted(commands_in("aguila.commands"), key=lambda one: (ORDER.index(one.path.split()[0]), one.path))
    sections = []
    for one in found:
        # The names of the help option are the group's; a command remembers those that it was first asked with.
        one._help_option = None
        names, path = ["-h", "--help"], f"aguila {one.path}"
        context = click.Context(one, info_name=path, terminal_width=100, max_content_width=100, help_option_names=names)
        sections.append(f"## aguila {one.path}\n\n```text\n{one.get_help(context)}\n```")
    return "\n\n".join(sections)


def rooms() -> str:
    """The rooms: what each is about, and which others it imports."""
    lines = ["| room | what it knows | imports |", "| --- | --- | --- |"]
    for room, used in room_graph().items():
        about_it = " ".join((import_module(room.replace("/", ".")).__doc__ or "").split("\n\n")[0].split())
        lines.append(f"| `{room}/` | {about_it} | {', '.join(f'`{one}`' for one in sorted(used)) or '–'} |")
    return "\n".join(lines)


PARTS: dict[str, Callable[[], str]] = {
    "dependencies": dependencies,
    "recipe": lambda: keys(Recipe),
    "training-recipe": lambda: keys(TrainRecipe),
    "training": lambda: records(TrainingRecord, a_training_recipe=TrainRecipe),
    "training-json": training_shapes,
    "manifest": lambda: records(Manifest, a_recipe=Recipe),
    "statistics": lambda: records(Statistics),
    "templates": templates,
    "rows": lambda: columns(ROW_COLUMNS),
    "pairs": lambda: columns(PAIR_COLUMNS),
    "ledger": lambda: columns(LEDGER_COLUMNS),
    "labels": lambda: records(Label),
    "json": shapes,
    "commands": commands,
    "rooms": rooms,
}

if __name__ == "__main__":
    main()
