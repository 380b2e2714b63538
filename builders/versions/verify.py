"""Is a version what it says it is? Check its files, its ledger and its rows, then build it again and compare.

Three results. *The same bytes*: a rebuild writes every file alike. *The same content*: it was written by other software, so
bytes say nothing, and every value was compared instead: cells of rows and ledger, statistics, counts, rules, gold measures,
template, the card's text, pictures. *Different*: something is not what it says. A quick verification has no result: it says
what it left out.
"""

import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from builders import ledger as ledgers
from builders.errors import Problem, clipped
from builders.gold import gold
from builders.labels.applied import labels_of
from builders.pipeline import OnStage, run
from builders.records import plain, to_json
from builders.schema import CARD, LEDGER_SCHEMA, MANIFEST
from builders.scores.file import scores_of
from builders.sources.evaluation_sets import read_sets
from builders.sources.reading import read_source
from builders.versions.fingerprint import content_sha256, file_fingerprint
from builders.versions.rebuild import BYTES, Check, Rebuilt, compared, other_software
from builders.versions.strangers import harm, harmful
from builders.versions.version import Version
from builders.versions.write import render, seal
from cards.shared.sections import fixed_sha256

Result = Literal["same bytes", "same content", "different", "not rebuilt"]
NOT_REBUILT = (
    "whether rows, decisions, numbers and card follow from the source was not checked: nothing was built again"
)


@dataclass(frozen=True)
class Verification:
    """Every check of a version, in order (iterating gives them), and what they add up to.

    software: what wrote the version and is not what checks it, as `polars 1.0 → 2.0`.
    """

    checks: tuple[Check, ...]
    result: Result
    software: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing that was checked is wrong."""
        return self.result != "different"

    @property
    def sentence(self) -> str:
        """What the result means, to follow the version's name."""
        return {
            "same bytes": "is what it says it is: a rebuild gives the same bytes",
            "same content": (
                f"has the content that it says, and was written by other software ({', '.join(self.software)}): every value "
                "was compared, no byte"
            ),
            "different": "is not what it says it is",
            "not rebuilt": f"has the files that it says; {NOT_REBUILT}",
        }[self.result]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def __getitem__(self, place: int) -> Check:
        return self.checks[place]

    def __len__(self) -> int:
        return len(self.checks)


def verify(
    version: Version,
    registry: Path,
    where: str | None = None,
    quick: bool = False,
    report: OnStage = lambda count: None,
) -> Verification:
    """Every check of a version: files, manifest, ledger, content, recipe; then source, and what a rebuild gives.

    where: the source's place now, if it is not where it was. quick: leave out the rebuild. The rebuild happens in a
    temporary folder. Nothing is raised for a version that is wrong: that is what the checks say.
    """
    checks = [_files(version), _manifest(version)]
    for check in (_ledger, _content, _recipe):
        try:
            checks.append(check(version))
        except Problem as problem:
            checks.append(Check(check.__name__.strip("_"), False, str(problem)))
    if not quick:
        checks += _rebuild(version, registry, where, report)
    return _verification(version, tuple(checks), quick)


def _verification(version: Version, checks: tuple[Check, ...], quick: bool) -> Verification:
    if not all(check.ok for check in checks):
        return Verification(checks, "different")
    if quick:
        return Verification(checks, "not rebuilt")
    if checks[-1].check == BYTES:
        return Verification(checks, "same bytes")
    return Verification(checks, "same content", other_software(version.manifest))


# ---- the folder ------------------------------------------------------------------------------------------------------


def _files(version: Version) -> Check:
    wrong, note = [], ""
    listed = version.manifest.files
    # In the Hub cache a snapshot's files are links to the blobs beside it.
    inside = (version.path.parents[1] if version.repo else version.path).resolve()
    for path, expected in listed.items():
        file = version.path / path
        if not file.resolve().is_relative_to(inside):
            wrong.append(f"{path}: outside the version's folder")
        elif not file.is_file():
            wrong.append(f"{path}: missing")
        elif (found := file_fingerprint(file)) != expected:
            if path == CARD and edited_by_people(version):
                note = "; README.md differs where publishing and people write"
                continue
            wrong.append(f"{path}: changed ({expected.bytes:,} bytes recorded, {found.bytes:,} found; sha256 differs)")
    wrong += harmful(version.others, version.repo) if version.repo else _strange(version)
    if others := [path for path in version.others if not harm(path, version.repo or "")]:
        note += f"; beside them, not of the version: {clipped(', '.join(others), 200)}"
    return Check("files", not wrong, "; ".join(wrong) or f"{len(listed)} files have their recorded hashes{note}")


def _strange(version: Version) -> list[str]:
    """Whatever lies in a version's folder and is no file of the version: files, links, pipes, empty folders."""
    wrong = []
    for path in sorted(version.path.rglob("*")):
        name = path.relative_to(version.path).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            wrong.append(f"{name}: a link, and no version has one")
        elif stat.S_ISDIR(mode):
            if not any(path.iterdir()):
                wrong.append(f"{name}: an empty folder, and no version has one")
        elif not stat.S_ISREG(mode):
            wrong.append(f"{name}: not a regular file, and a version has no others")
        elif name not in version.manifest.files and name != MANIFEST:
            wrong.append(f"{name}: not part of the version")
    return wrong


def edited_by_people(version: Version) -> bool:
    """Does the card differ from the recorded one only where it is left to people, and to publishing?"""
    try:
        card = (version.path / CARD).read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return fixed_sha256(card) == version.manifest.card_sha256


def _manifest(version: Version) -> Check:
    """The manifest is written as this format writes one: what is read of it is all that it says."""
    written = (version.path / MANIFEST).read_bytes()
    if written == to_json(version.manifest).encode():
        return Check("manifest", True, "every field in its place")
    return Check("manifest", False, f"{MANIFEST} is not written as a build writes it: changed or formatted anew")


# ---- what the version says of itself ---------------------------------------------------------------------------------


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


# ---- the rebuild -----------------------------------------------------------------------------------------------------


def _rebuild(version: Version, registry: Path, where: str | None, report: OnStage) -> list[Check]:
    try:
        recipe = version.recipe
        read = read_source(recipe, registry, where)
        sets = read_sets(recipe, registry)
        labels = labels_of(recipe, registry, version.path)
        scores = scores_of(recipe, registry, version.path)
    except Problem as problem:
        return [Check("source", False, str(problem))]
    checks = [Check("source", True, f"{read.rows.height:,} rows, as pinned")]
    try:
        built = run(recipe, lambda: read, report, lambda: sets, labels, scores)
    except Problem as problem:
        return [*checks, Check("rebuilt content", False, str(problem))]
    with tempfile.TemporaryDirectory(prefix="aguila-verify-") as place:
        folder = Path(place)
        draft = render(built, gold(recipe.language.codes), folder)
        manifest = seal(draft, folder, str(version.number))
        return [*checks, *compared(version, Rebuilt(folder, draft, manifest, built.rows, built.ledger))]
