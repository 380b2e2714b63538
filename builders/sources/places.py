"""Where source files lie on this machine: noted beside the versions, never in one."""

from pathlib import Path

from builders.errors import NotFound
from builders.recipes.model import ParallelFile
from builders.sources.shards import any_there

NOTES = ".sources"


def remember(registry: Path, sha256: str, path: Path) -> None:
    """Note where a source file lies, so that `verify` finds it again here."""
    notes = registry / NOTES
    notes.mkdir(parents=True, exist_ok=True)
    (notes / sha256).write_text(str(path.resolve()), "utf-8")


def remembered(registry: Path, sha256: str | None) -> str | None:
    """Where a file of this hash lay when it was last used here; None when nothing is noted or it is gone."""
    note = note_of(registry, sha256)
    if not note.is_file():
        return None
    path = Path(note.read_text("utf-8").removesuffix("\n"))  # where a person wrote it
    return str(path) if any_there(path) else None


def pinned_place(place: str | None, sha256: str | None, registry: Path, what: str, way: str) -> Path:
    """Where a pinned file is: where somebody says, or where it was last used here.

    what: what it holds, and way: how to say where it is, for the error. Raises NotFound where nothing tells.
    """
    found = place or remembered(registry, sha256)
    if found is None:
        raise NotFound(
            f"{what} (sha256 {str(sha256)[:12]}…) are needed and nothing says where they are",
            f"{way}, or write their path into {note_of(registry, sha256)}",
        )
    return Path(found)


def note_of(registry: Path, sha256: str | None) -> Path:
    """The file in which a source's place is noted."""
    return registry / NOTES / str(sha256)


def describe_file(source: ParallelFile) -> str:
    """A pinned file in words, for messages."""
    return f"{source.name} (sha256 {source.sha256[:12]}…)" if source.name and source.sha256 else "a file"
