"""What a terminal shows: text that cannot steer it, styled lines, tables."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from cards.shared.words import MARKS, Piece

if TYPE_CHECKING:
    from rich.text import Text

    from cards.shared.tables import Table

# Old and new differ in form as well as in colour.
STYLES = {
    "title": "bold",
    "label": "cyan",
    "dim": "dim",
    "loud": "bold red",
    "good": "green",
    "evidence": "black on yellow",
    "old": "red strike",
    "new": "green underline",
    "shared": "bold",
    "left": "red",
    "right": "green",
}
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (also what turns the reading direction), line separators
LONGEST_NAME, BAR = 40, 16  # columns of a terminal
HARMLESS = "\n\t\u200d"  # the joiner makes one picture of several emoji


def safe(text: str) -> str:
    """Text that cannot steer a terminal: control and format characters as escapes, line breaks and tabs as they are."""
    if text.isprintable():
        return text
    steers = {one for one in set(text) if unicodedata.category(one) in STEERING and one not in HARMLESS}
    return text.translate({ord(one): one.encode("unicode_escape").decode() for one in steers})


def safe_line(text: str) -> str:
    """The same on one line: line breaks and tabs as escapes, too."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def write(text: str, stream: TextIO | None = None) -> None:
    """Print a text as it is, on stdout if nothing else is said. Whatever this project prints goes through here."""
    print(text, file=stream or sys.stdout, flush=True)


def put(text: str, stream: TextIO | None = None) -> None:
    """Print a text with nothing in it that steers a terminal; line breaks and tabs as they are."""
    write(safe(text), stream)


def say(line: str, stream: TextIO | None = None) -> None:
    """Print one line: a break in it is shown and does not begin another, which would look like ours."""
    put(safe_line(line), stream)


def styled(pieces: Iterable[Piece]) -> "Text":
    """Pieces as text for a terminal; nothing in them is read as markup."""
    from rich.text import Text

    return Text.assemble(*((safe(text), STYLES.get(what, "")) for what, text in pieces))


def plain(pieces: Iterable[Piece]) -> str:
    """Pieces where there are no colours: what went as `[-old-]`, what came as `{+new+}`."""
    return "".join(safe(text).join(MARKS.get(what, ("", ""))) for what, text in pieces)


def show(*lines: Iterable[Piece]) -> None:
    """Print lines of pieces: in colours on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        for line in lines:
            put(plain(line))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for line in lines:
        console.print(styled(line))


def table(header: list[str], rows: list[list[Any]], numeric: Sequence[bool] = (), parts: Sequence[float] = ()) -> None:
    """A table on a terminal, tab-separated lines elsewhere.

    numeric: which columns a terminal aligns to the right. parts: a number from 0 to 1 for each row, which a terminal draws as
    a bar at its end. What the first column names is never cut: where room is short, other columns are broken into lines.
    """
    if not sys.stdout.isatty():
        for row in [header, *rows]:
            put("\t".join(safe_line(str(cell)) for cell in row))
        return
    from rich.bar import Bar
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*header, box=None, header_style="bold", pad_edge=False)
    cells = [[Text(safe_line(str(cell))) for cell in row] for row in rows]
    for column, right in zip(drawn.columns, numeric, strict=False):
        column.justify = "right" if right else "left"
    # Rich takes room from columns that may wrap: the others give it, and the name stays whole.
    drawn.columns[0].no_wrap = max((row[0].cell_len for row in cells), default=0) <= LONGEST_NAME
    drawn.columns[0].style = STYLES["label"]
    if parts:
        drawn.add_column("", min_width=BAR, max_width=BAR)
    bars = [[Bar(1, 0, part, width=BAR, color="cyan")] for part in parts] or [[]] * len(cells)
    for row, bar in zip(cells, bars, strict=True):
        drawn.add_row(*row, *bar)
    Console(highlight=False).print(drawn)


def tables(found: "Iterable[Table]") -> None:
    """Titled tables: bold titles, aligned numbers and bars of shares on a terminal; elsewhere `# title` and tab-separated
    lines."""
    here = sys.stdout.isatty()
    for number, one in enumerate(found):
        title = [("title", one.title)] if here else [("same", f"# {one.title}")]
        show(*([[("same", "")]] if number else []), title)
        cells = [[f"{cell:,}" if here and isinstance(cell, int) else cell for cell in row] for row in one.rows]
        numeric = [here and isinstance(cell, int | float) for cell in one.rows[-1]]
        table(list(one.header), cells, numeric, one.shares() if here else ())
        if one.note and here:
            show([("dim", one.note)])
