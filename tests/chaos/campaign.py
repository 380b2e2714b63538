"""What is done to sources, versions and builds, by a seed: the same number gives the same damage again."""

import gzip
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from builders.errors import Problem
from builders.recipes.model import FileSource
from builders.sources.file import read_file
from tests.builders.rows import ROWS

KEYS = ("id", "instruction", "input", "output")
ODD = (
    "\x00",
    "\ud800",
    "\u202e",
    "e\u0301" * 40,
    "9" * 5000,
    "[" * 2000,
    '"',
    "\\",
    "\n",
    "null",
    "NaN",
    "&#x0;",
    "ﷺ" * 100,
)
NAMES = (*["filas.jsonl"] * 6, *["filas.jsonl.gz"] * 3, "filas.json", "filas.csv", "filas.zip", "filas.parquet")


def sound_source(chance: random.Random) -> bytes:
    """Rows as JSON Lines, one of them with odd text."""
    rows = [dict(zip(KEYS, row, strict=True)) for row in ROWS]
    odd = chance.choice(ODD).replace("\ud800", "")
    chance.choice(rows)[chance.choice(KEYS)] += odd * chance.choice((1, 1, 50))
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A source with one to four things wrong: bytes flipped, cut, doubled, taken out, or odd text put in."""
    for _ in range(chance.randint(1, 4)):
        at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        what = chance.randrange(5)
        if what == 0 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        elif what == 1:
            data = data[:at] + data[at : at + 200] * 2 + data[at + 200 :]
        elif what == 2:
            data = data[:at] + data[min(end, at + 50) :]
        elif what == 3:
            data = data[:end]
        else:
            data = data[:at] + chance.choice(ODD).encode("utf-8", "surrogatepass") + data[at:]
    return data


def read_mutated(folder: Path, number: int) -> str:
    """Read one mutated source: `read` or `refused`. Anything but rows or a Problem of one line is raised."""
    chance = random.Random(number)
    path = folder / chance.choice(NAMES)
    data = sound_source(chance)
    data = mutated(data, chance) if chance.random() < 0.6 else data
    packed = path.suffix == ".gz" and chance.random() < 0.8  # what is in the archive is damaged, or what is called one
    path.write_bytes(gzip.compress(data) if packed else data)
    try:
        rows = read_file(path, FileSource(path=str(path))).rows
    except Problem as problem:
        assert "\n" not in str(problem), f"seed {number}: more than one line"
        return "refused"
    assert rows["id"].is_unique().all() and rows.null_count().sum_horizontal()[0] == 0, f"seed {number}"
    return "read"


Tampering = tuple[str, Callable[[Path], object], str]


def tamperings(version: Path) -> Iterator[Tampering]:
    """Name, what is done to a copy of the version, and the check that must notice it."""
    for file in sorted(path.relative_to(version).as_posix() for path in version.rglob("*") if path.is_file()):
        check = "manifest" if file == "manifest.json" else "files"
        if check == "manifest":
            continue
        for name, change in BYTES.items():
            yield f"{file}: {name}", _rewritten(file, change), check
        yield f"{file}: removed", lambda folder, file=file: (folder / file).unlink(), check
        yield (
            f"{file}: another's content",
            lambda folder, file=file: shutil.copy(folder / "manifest.json", folder / file),
            check,
        )
    for name, add in STRAY.items():
        yield f"stray: {name}", add, "files"


def _rewritten(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda folder: (folder / file).write_bytes(change((folder / file).read_bytes()))


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "a bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "cut": lambda data: data[:-1],
    "empty": lambda data: b"",
    "longer": lambda data: data + b"\n",
    "zeros": lambda data: bytes(len(data)),
}
STRAY: dict[str, Callable[[Path], object]] = {
    "a file": lambda folder: (folder / "nada.txt").write_text("x"),
    "a hidden file": lambda folder: (folder / ".nada").write_text("x"),
    "an empty folder": lambda folder: (folder / "nada").mkdir(),
    "a link": lambda folder: (folder / "nada").symlink_to("README.md"),
    "a link to nothing": lambda folder: (folder / "nada").symlink_to("nowhere"),
    "a shard": lambda folder: shutil.copy(
        next((folder / "data").iterdir()), folder / "data" / "train-00001-of-00002.parquet"
    ),
}
