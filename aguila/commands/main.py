"""The command line `aguila`: its commands, errors in one line, exit codes."""

import io
import logging
import os
import sys

import click

from aguila.commands.command import Group, commands_in
from aguila.commands.output import error, note
from aguila.process import forget_stdout
from builders.errors import Problem, clipped

LONGEST_ERROR = 2000  # characters; a name in it may have any length

# Commands of two words: what the first word means, and an example.
GROUPS = {
    "train": (
        "Fine-tune a model on exactly one dataset version.",
        "aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0",
    )
}


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aguila-data", prog_name="aguila")
def cli() -> None:
    """Make, publish, audit and fine-tune on Spanish instruction data.

    A recipe and a pinned source go in; a dataset version comes out, with a ledger that accounts for every source row.
    """


def _fill(group: Group, package: str) -> None:
    """Put every command of a package where its path says: into the group, or into one beneath it."""
    for command in commands_in(package):
        *words, name = command.path.split()
        home = group
        for word in words:
            home = _beneath(home, word)
        home.add_command(command, name)


def _beneath(group: Group, word: str) -> Group:
    known = group.commands.get(word)
    if isinstance(known, Group):
        return known
    meaning, example = GROUPS[word]
    made = Group(word, help=meaning, example=example)
    group.add_command(made)
    return made


_fill(cli, "aguila.commands")


class Notes(logging.Handler):
    """What the library notes while it works, such as a copy that serves while the Hub cannot be reached."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line on stderr."""
        note(f"note: {record.getMessage()}")


def main() -> None:
    """Run the command line; a known problem is one line and status 1."""
    for name in ("builders", "train"):
        logging.getLogger(name).handlers = [Notes()]
    if not sys.stderr.isatty():  # bars of the Hub's clients are for people who look
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as wrong:
        usage = io.StringIO()
        wrong.show(usage)
        error(usage.getvalue().rstrip())
        sys.exit(wrong.exit_code)
    except (KeyboardInterrupt, click.Abort) as stopped:
        note(str(stopped.__cause__ or stopped) or "interrupted; nothing is left half-written, run again")
        sys.exit(130)
    except Problem as problem:
        fail(str(problem))
    except OSError as wrong:
        forget_stdout()  # it may be what cannot be written; what is still in its buffer is lost
        place = f"{wrong.filename}: " if wrong.filename else ""
        fail(f"{place}{wrong.strerror or wrong}; check that it can be read or written and has space, then run again")


def fail(message: str) -> None:
    """Print `error: …` on one line and exit with 1."""
    note(f"error: {clipped(' '.join(message.split()), LONGEST_ERROR)}")
    sys.exit(1)
