"""Lines that are longer than a row may be: found where the bytes lie, before anything is made of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from builders.errors import Invalid

LONGEST = 16 << 20  # bytes of a line, unless a recipe says otherwise: a thousand times an ordinary row
LIFTED_BY = ("max_row_bytes", "max_expansion")  # the keys of a source that admit more


class LongLine(Invalid):
    """A line that takes more than a row may."""

    def __init__(self, what: str, size: str, most: int) -> None:
        super().__init__(
            f"{what} {size} bytes, and a row may take {most:,}",
            "look into it; if it is right, raise {key}",
            "max_row_bytes",
        )


def require_short_lines(
    data: bytes, name: str, most: int, first: int = 1, *, whole: bool = True, ends: tuple[bytes, ...] = (b"\n",)
) -> None:
    """Raises LongLine for the first line of more than `most` bytes.

    first: the number of the first line. whole: whether the last line is all there. ends: what may end a line. It goes from the
    start of a line to the last end within reach, so that most lines are never looked at.
    """
    start = 0
    while len(data) - start > most:
        reached = max(data.rfind(end, start, start + most + 1) for end in ends)
        if reached < 0:
            after = [at for end in ends if (at := data.find(end, start)) >= 0]
            size = f"{min(after, default=len(data)) - start:,}" if after or whole else f"more than {most:,}"
            raise LongLine(f"{name}, line {first + _lines(data, start, ends)}: takes", size, most)
        start = reached + 1


def _lines(data: bytes, end: int, ends: tuple[bytes, ...]) -> int:
    """How many lines end before a place; where two signs may end them, the one that does."""
    return next((found for one in ends if (found := data.count(one, 0, end))), 0)


@contextmanager
def no_key() -> Iterator[None]:
    """For files whose limits no recipe lifts: what is told does not name a key that is not there."""
    try:
        yield
    except Invalid as problem:
        if problem.key in LIFTED_BY:
            problem.hint, problem.key = "take out what is so long, or unpack the file and look into it", ""
        raise
