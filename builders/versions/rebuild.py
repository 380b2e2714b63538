"""A version beside its rebuild: every value compared, then every byte."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.manifest import Contents, Manifest
from builders.records import plain
from builders.schema import CARD, CROISSANT, MANIFEST, chart_file, is_ledger, split_of
from builders.sources.formats.parquet import parquet_table
from builders.versions.fingerprint import content_sha256, software
from builders.versions.version import Version
from builders.versions.write import Draft, numbered_texts
from cards.shared import address, header
from cards.shared.sections import fixed_sha256

BYTES = "rebuilt bytes"
LARGEST_PICTURE = 4 << 20  # bytes of a picture that is read; ours have about 20 kB
# Fields of a manifest that depend on what wrote the files; each is checked against the files or named as software.
BY_WRITER = frozenset({"files", "software", "sizes", "models", "card_sha256"})


@dataclass(frozen=True)
class Check:
    """One thing that was checked: what, whether it holds, and what was seen."""

    check: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild gave: its folder, its draft and manifest, its rows and ledger before they were written."""

    folder: Path
    draft: Draft
    manifest: Manifest
    rows: pl.DataFrame
    ledger: pl.DataFrame


def other_software(manifest: Manifest) -> tuple[str, ...]:
    """What wrote a version and is another here, as `polars 1.0 → 2.0`; models that detect languages included."""
    here = software()
    names = sorted(here.keys() | manifest.software.keys())
    pairs = [(name, manifest.software.get(name, "none"), here.get(name, "none")) for name in names]
    return tuple(f"{name} {had} → {has}" for name, had, has in pairs if had != has)


def compared(version: Version, again: Rebuilt) -> Iterator[Check]:
    """Every value of a version against its rebuild; last the bytes, where the same software wrote them."""
    for name, check in VALUES.items():
        try:
            yield check(version, again)
        except Problem as problem:
            yield Check(name, False, str(problem))
    if not other_software(version.manifest):
        yield _bytes(version, again)


def _content(version: Version, again: Rebuilt) -> Check:
    old = version.rows()
    found = again.manifest.content_sha256
    if found == version.content_sha256 == content_sha256(old):
        return Check("rebuilt content", True, f"{again.manifest.kept:,} rows, the same content")
    return Check("rebuilt content", False, _difference(old, again.rows))


def _difference(old: pl.DataFrame, new: pl.DataFrame) -> str:
    """What a rebuild has that the version lacks, and the other way round."""
    if old.schema != new.schema:
        return "the columns or their types are not those of the rebuilt rows"
    differences = []
    missing = new.join(old, on="id", how="anti")["id"].sort().to_list()
    extra = old.join(new, on="id", how="anti")["id"].sort().to_list()
    changed = _changed(old, new)
    repeated = old.filter(pl.col("id").is_duplicated())["id"].unique().sort().to_list()
    for ids, what in ((missing, "missing"), (extra, "too many"), (repeated, "more than once"), (changed, "different")):
        if ids:
            differences.append(f"{len(ids):,} rows {what}, such as {', '.join(map(repr, ids[:3]))}")
    return "; ".join(differences) or "the recorded content hash is not that of the rebuilt rows"


def _changed(old: pl.DataFrame, new: pl.DataFrame) -> list[str]:
    """Ids of both tables whose other cells differ."""
    both = old.join(new, on="id", suffix="_new")
    differs = pl.any_horizontal(pl.col(key).ne_missing(pl.col(f"{key}_new")) for key in new.columns if key != "id")
    return both.filter(differs)["id"].unique().sort().to_list()


def _cells(version: Version, again: Rebuilt) -> Check:
    """Every cell of the ledger and of each file of rows, in the order in which they are written."""
    wrong = []
    ledger = version.ledger()
    if not ledger.equals(again.ledger):
        ids = _changed(ledger, again.ledger) if ledger.schema == again.ledger.schema else []
        named = f" ({len(ids):,} entries, such as {', '.join(map(repr, ids[:3]))})" if ids else ""
        files = ", ".join(path for path in version.manifest.files if is_ledger(path))
        wrong.append(f"{files}: not the rebuilt ledger{named}")
    recorded, found = (
        {path for path in manifest.files if split_of(path) or is_ledger(path)}
        for manifest in (version.manifest, again.manifest)
    )
    wrong += [f"{path}: not cut as the rebuilt files are" for path in sorted(recorded ^ found)]
    for path in sorted(recorded & found):
        if split_of(path) and not version.table(path).equals(_table(again.folder / path)):
            wrong.append(f"{path}: not the rebuilt rows in their order")
    counted = f"{ledger.height:,} entries of the ledger and {again.manifest.kept:,} rows, cell by cell"
    return Check("rebuilt ledger", not wrong, "; ".join(wrong) or counted)


def _table(path: Path) -> pl.DataFrame:
    return parquet_table(path.read_bytes(), str(path), lambda names: names)


def _statistics(version: Version, again: Rebuilt) -> Check:
    recorded, found = plain(version.statistics()), plain(again.draft.statistics)
    wrong = sorted(key for key in recorded.keys() | found.keys() if recorded.get(key) != found.get(key))
    detail = f"{', '.join(wrong)} differ" if wrong else f"{len(found)} statistics, the same numbers"
    return Check("rebuilt statistics", not wrong, detail)


def _manifest(version: Version, again: Rebuilt) -> Check:
    """Every field that does not depend on a writer; of the sizes, the rows and the bytes that the files have."""
    recorded, found = plain(version.manifest), plain(again.manifest)
    keys = (recorded.keys() | found.keys()) - BY_WRITER
    wrong = [f"{MANIFEST} ({key})" for key in sorted(keys) if recorded.get(key) != found.get(key)]
    if _rows_by_file(version.manifest) != _rows_by_file(again.manifest):
        wrong.append(f"{MANIFEST} (sizes)")
    if version.manifest.card_sha256 != fixed_sha256(version.text(CARD)):
        wrong.append(f"{MANIFEST} (card_sha256)")
    if not other_software(version.manifest) and version.manifest.models != again.manifest.models:
        wrong.append(f"{MANIFEST} (models)")
    detail = f"{', '.join(wrong)} differ" if wrong else f"{len(keys)} fields, the same values"
    return Check("rebuilt manifest", not wrong, detail)


def _rows_by_file(manifest: Manifest) -> dict[str, dict[str, int]]:
    return {config: {split: size.rows for split, size in sizes.items()} for config, sizes in manifest.sizes.items()}


def _texts(version: Version, again: Rebuilt) -> Check:
    """The card and its machine-read counterpart, written anew from rebuilt values and the recorded sizes and hashes."""
    recorded = version.manifest
    fields = {name: getattr(again.draft.contents, name) for name in Contents.__struct_fields__}
    contents = Contents(**{**fields, "sizes": recorded.sizes, "software": recorded.software, "models": recorded.models})
    draft = Draft(contents, again.draft.statistics, recorded.files, again.draft.samples, again.draft.evidence)
    texts = numbered_texts(draft, recorded.version)
    wrong = [] if _same_card(version.text(CARD), texts[CARD], recorded) else [CARD]
    if version.text(CROISSANT) != texts[CROISSANT]:
        wrong.append(CROISSANT)
    detail = f"{', '.join(wrong)}: not the rebuilt text" if wrong else f"{CARD} and {CROISSANT}, word for word"
    return Check("rebuilt card", not wrong, detail)


def _same_card(card: str, built: str, recorded: Manifest) -> bool:
    """Whether a card says what was built, wherever it is published; also of which number, and with every tag."""
    here = address.as_built(card.replace("\r\n", "\n"), address.DATASET, recorded.name, recorded.version)
    return (
        fixed_sha256(card) == fixed_sha256(built)
        and address.blocks(here) == address.blocks(built)
        and header.has_tags(card, built)
    )


def _pictures(version: Version, again: Rebuilt) -> Check:
    """Each picture: all of its drawing, or, where another renderer drew it, every text in it."""
    same_renderer = "aguila-data" not in {name.split(" ")[0] for name in other_software(version.manifest)}
    wrong = []
    for name in again.manifest.charts:
        path = chart_file(name)
        if not (version.path / path).is_file():
            wrong.append(f"{path}: missing")
        elif _drawing(version.path / path, same_renderer) != _drawing(again.folder / path, same_renderer):
            wrong.append(f"{path}: not the rebuilt picture")
    detail = "; ".join(wrong) or f"{len(again.manifest.charts)} pictures show the same"
    return Check("rebuilt pictures", not wrong, detail)


def _drawing(path: Path, whole: bool) -> list[str] | None:
    """A picture's canonical XML, or its texts in order; None for a file that is no XML."""
    if path.stat().st_size > LARGEST_PICTURE:
        return None
    try:
        text = path.read_text("utf-8")
        if whole:
            return [ET.canonicalize(text, strip_text=False)]
        return [part for part in ET.fromstring(text).itertext() if part.strip()]
    except (ET.ParseError, UnicodeDecodeError):
        return None


VALUES: dict[str, Callable[[Version, Rebuilt], Check]] = {
    "rebuilt content": _content,
    "rebuilt ledger": _cells,
    "rebuilt statistics": _statistics,
    "rebuilt manifest": _manifest,
    "rebuilt card": _texts,
    "rebuilt pictures": _pictures,
}


def _bytes(version: Version, again: Rebuilt) -> Check:
    old, new = version.manifest.files, again.manifest.files
    wrong = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    recorded, found = plain(version.manifest), plain(again.manifest)
    wrong += [f"{MANIFEST} ({key})" for key in sorted(recorded) if key != "files" and recorded[key] != found[key]]
    return Check(BYTES, not wrong, f"{', '.join(wrong)} differ" if wrong else f"{len(new)} files, byte for byte")
