"""What a command is: a function with options and an example, found by being in a module of this folder."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from aguila.process import end_as_others_do

# The order in which help lists commands: as one meets them. Others come after, by name.
ORDER = (
    *(
        "inspect",
        "build",
        "verify",
        "explain",
        "rows",
        "audit",
        "diff",
        "rules",
        "review",
        "labels",
        "calibrate",
        "export",
        "publish",
        "versions",
        "yank",
    ),
    *(
        "train",
        "generate",
        "answers",
        "evaluate",
        "score",
        "compare",
        "experiment",
        "merge",
        "publish-adapter",
        "publish-model",
    ),
)


class _Example(click.Command):
    """Help that ends with an example as it is written, not re-wrapped."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the example."""
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"  {line}\n")


class Command(_Example):
    """A command. path: the words that call it, such as `train sft`."""

    def __init__(self, *args: Any, path: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.path = path


class Group(_Example, click.Group):
    """Commands under one name, listed in their order."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called. A reader that leaves ends it here, before click makes status 1 of that."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            end_as_others_do()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, as help lists them."""
        return sorted(self.commands, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def command(path: str, example: str) -> Callable[[Callable[..., None]], Command]:
    """Make a function the command that `aguila PATH` calls. Its docstring is the help, which ends with the example."""
    made: Callable[[Callable[..., None]], Command] = click.command(
        path.split()[-1], cls=Command, path=path, example=example
    )
    return made


def commands_in(package: str) -> list[Command]:
    """Every command of a package: each Command at the top of one of its modules."""
    folders = import_module(package).__path__
    modules = [import_module(f"{package}.{module.name}") for module in pkgutil.iter_modules(folders)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Command)]
