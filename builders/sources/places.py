"""Where source files lie on this machine: noted beside the versions, never in one."""

from pathlib import Path

from builders.recipes.source_model import ParallelFile

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
    path = note.read_text("utf-8").removesuffix("\n")  # where a person wrote it
    return path if Path(path).is_file() else None


def note_of(registry: Path, sha256: str | None) -> Path:
    """The file in which a source's place is noted."""
    return registry / NOTES / str(sha256)


def describe_file(source: ParallelFile) -> str:
    """A pinned file in words, for messages."""
    return f"{source.name} (sha256 {source.sha256[:12]}…)" if source.name and source.sha256 else "a file"
