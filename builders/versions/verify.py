"""Is a version what it says it is? Check its files, its ledger and its rows, then build it again and compare."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from builders import ledger as ledgers
from builders.errors import Problem
from builders.gold import gold
from builders.manifest import Manifest, plain
from builders.pipeline import OnStage, run
from builders.schema import CARD, LEDGER_SCHEMA, MANIFEST
from builders.sources.evaluation_sets import read_sets
from builders.sources.reading import read_source
from builders.versions.fingerprint import content_sha256, file_fingerprint, software
from builders.versions.version import Version
from builders.versions.write import render, seal
from cards.shared.sections import fixed_sha256


@dataclass(frozen=True)
class Check:
    """One thing that was checked: what, whether it holds, and what was seen."""

    check: str
    ok: bool
    detail: str


def verify(
    version: Version,
    registry: Path,
    where: str | None = None,
    quick: bool = False,
    report: OnStage = lambda count: None,
) -> list[Check]:
    """Every check of a version, in order: files, ledger, content, recipe; then source, rebuilt content, rebuilt bytes.

    where: the source's place now, if it is not where it was. quick: leave out the rebuild. The rebuild happens in a
    temporary folder. Nothing is raised for a version that is wrong: that is what the checks say.
    """
    checks = [_files(version)]
    for check in (_ledger, _content, _recipe):
        try:
            checks.append(check(version))
        except Problem as problem:
            checks.append(Check(check.__name__.strip("_"), False, str(problem)))
    if not quick:
        checks += _rebuild(version, registry, where, report)
    return checks


def _files(version: Version) -> Check:
    wrong, note = [], ""
    listed = version.manifest.files
    # In the Hub cache a snapshot's files are links to the blobs beside it.
    inside = (version.path.parents[1] if version.repo else version.path).resolve()
    for path, expected in listed.items():
        file = version.path / path
        if ".." in Path(path).parts or not file.resolve().is_relative_to(inside):
            wrong.append(f"{path}: outside the version's folder")
        elif not file.is_file():
            wrong.append(f"{path}: missing")
        elif (found := file_fingerprint(file)) != expected:
            if path == CARD and edited_by_people(version):
                note = "; README.md has another text between its editable marks"
                continue
            wrong.append(f"{path}: changed ({expected.bytes:,} bytes recorded, {found.bytes:,} found; sha256 differs)")
    if not version.repo:  # a repository has files of the Hub's own, and those that people added
        present = {path.relative_to(version.path).as_posix() for path in version.path.rglob("*") if path.is_file()}
        wrong += [f"{path}: not part of the version" for path in sorted(present - set(listed) - {MANIFEST})]
    return Check("files", not wrong, "; ".join(wrong) or f"{len(listed)} files have their recorded hashes{note}")


def edited_by_people(version: Version) -> bool:
    """Does the card differ from the recorded one only between the marks that leave it to people?"""
    try:
        card = (version.path / CARD).read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return fixed_sha256(card) == version.manifest.card_sha256


def _ledger(version: Version) -> Check:
    table = version.ledger()
    if dict(table.schema) != LEDGER_SCHEMA:
        return Check("ledger", False, "the ledger has other columns than a ledger")
    rows = version.rows()
    wrong = ledgers.faults(table, rows["id"].to_list())
    moved = rows.join(table.drop_nulls("split"), on="id").filter(pl.col("split") != pl.col("split_right"))["id"]
    if not moved.is_empty():
        wrong.append(
            f"{moved.n_unique():,} rows have another split in the ledger than in the data, such as {moved.min()!r}"
        )
    counts = {"source_rows": table.height, "kept": table.filter(pl.col("status") == "kept").height}
    counts["dropped"] = counts["source_rows"] - counts["kept"]
    wrong += [
        f"{name}: {recorded} in the manifest, {count} in the ledger"
        for name, count in counts.items()
        if (recorded := getattr(version.manifest, name)) != count
    ]
    detail = (
        "; ".join(wrong)
        or f"{counts['kept']:,} kept + {counts['dropped']:,} dropped = {table.height:,} source rows, each once"
    )
    return Check("ledger", not wrong, detail)


def _content(version: Version) -> Check:
    rows = version.rows()
    found = content_sha256(rows)
    if found == version.content_sha256:
        return Check("content", True, f"{rows.height:,} rows, content sha256 {found[:12]}…")
    return Check(
        "content",
        False,
        f"content sha256 is {found[:12]}…, recorded {version.content_sha256[:12]}… ({rows.height:,} rows)",
    )


def _recipe(version: Version) -> Check:
    found, recorded = version.recipe.sha256(), version.manifest.recipe_sha256
    same = found == recorded and plain(version.recipe) == plain(version.manifest.recipe)
    return Check("recipe", same, f"sha256 {found[:12]}…" + ("" if same else f", recorded {recorded[:12]}…"))


def _rebuild(version: Version, registry: Path, where: str | None, report: OnStage) -> list[Check]:
    try:
        recipe = version.recipe
        read = read_source(recipe, registry, where)
        sets = read_sets(recipe, registry)
    except Problem as problem:
        return [Check("source", False, str(problem))]
    checks = [Check("source", True, f"{read.rows.height:,} rows, as pinned")]
    try:
        built = run(recipe, lambda: read, report, lambda: sets)
    except Problem as problem:
        return [*checks, Check("rebuilt content", False, str(problem))]
    with tempfile.TemporaryDirectory(prefix="aguila-verify-") as place:
        folder = Path(place)
        again = seal(render(built, gold(), folder), folder, str(version.number))
        checks.append(_same_content(version, again, built.rows))
        checks.append(_same_bytes(version, again))
    return checks


def _same_content(version: Version, again: Manifest, rows: pl.DataFrame) -> Check:
    if again.content_sha256 == version.content_sha256:
        try:
            old = version.rows()
        except Problem as problem:
            return Check("rebuilt content", False, str(problem))
        if content_sha256(old) == again.content_sha256:
            return Check("rebuilt content", True, f"{again.kept:,} rows, the same content")
    try:
        return Check("rebuilt content", False, _difference(version.rows(), rows))
    except Problem as problem:
        return Check("rebuilt content", False, str(problem))


def _difference(old: pl.DataFrame, new: pl.DataFrame) -> str:
    """What a rebuild has that the version lacks, and the other way round."""
    if old.schema != new.schema:
        return "the columns or their types are not those of the rebuilt rows"
    differences = []
    missing = new.join(old, on="id", how="anti")["id"].sort().to_list()
    extra = old.join(new, on="id", how="anti")["id"].sort().to_list()
    changed = (
        old.join(new, on="id", suffix="_new")
        .filter(pl.any_horizontal(pl.col(key).ne_missing(pl.col(f"{key}_new")) for key in new.columns if key != "id"))[
            "id"
        ]
        .unique()
        .sort()
        .to_list()
    )
    twice = old.filter(pl.col("id").is_duplicated())["id"].unique().sort().to_list()
    for ids, what in ((missing, "missing"), (extra, "too many"), (twice, "more than once"), (changed, "different")):
        if ids:
            differences.append(f"{len(ids):,} rows {what}, such as {', '.join(map(repr, ids[:3]))}")
    return "; ".join(differences) or "the recorded content hash is not that of the rebuilt rows"


def _same_bytes(version: Version, again: Manifest) -> Check:
    old, new = version.manifest.files, again.files
    wrong = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    other = [
        f"{name} {had} → {has}"
        for name, has in software().items()
        if (had := version.manifest.software.get(name)) != has
    ]
    written, rebuilt = plain(version.manifest), plain(again)
    wrong += [
        f"{MANIFEST} ({key})"
        for key in sorted(written.keys() | rebuilt.keys())
        if key not in ("files", "software") and written.get(key) != rebuilt.get(key)
    ]
    if not wrong:
        return Check("rebuilt bytes", True, f"{len(new)} files, byte for byte")
    if other and again.content_sha256 == version.content_sha256:
        return Check(
            "rebuilt bytes",
            True,
            f"not comparable: built with other software ({', '.join(other)}); the content is the same",
        )
    cause = f"; built with other software: {', '.join(other)}" if other else ""
    return Check("rebuilt bytes", False, f"{', '.join(wrong)} differ{cause}")
