"""The audit as one HTML page that opens offline.

Rows are hostile text. What the template writes is escaped; what the page's script shows comes packed, in signs that no markup
has, and is written as text. The page's policy admits these scripts and this style by their hashes, no request at all, and no
text as markup.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from math import sqrt
from urllib.parse import urlencode

from msgspec import UNSET

from cards.audit.explained import Explained, reasons
from cards.audit.numbers import AnyAudit, Audit, FileAudit
from cards.audit.rows import BLOCK, RowsToRead
from cards.audit.tables import audit_tables
from cards.looks.look import Look
from cards.looks.rules import NAMED
from cards.shared.charts import Picture
from cards.shared.histogram import histogram_svg
from cards.shared.page import embedded, environment, policy_hash
from cards.shared.records import JsonObject
from cards.shared.shell import command, quoted
from cards.shared.svg import inline_svg, style
from cards.shared.tables import Cell, in_order, share
from cards.statistics.histograms import BINS
from cards.statistics.listed import pictures

ORDER = ("funnel", "dropped")  # pictures that come first
SCRIPTS = ("words", "page", "explorer")  # in the order in which they run
# What rows are chosen by, as `explorer.js` names it, and how that is headed.
FACETS = {
    "is": "What became of it",
    "rule": "Dropped by",
    "flag": "Flag",
    "origin": "Origin",
    "split": "Split",
    "language": "Language",
    "length": "Length of the answer",
}


@dataclass(frozen=True)
class Wording:
    """What the page says in words around the rows. tiles: what, number. reference: of a version, how commands name it.
    otherwise: how rows are read where the page cannot show them. language: that of the rows."""

    title: str
    subtitle: str
    tiles: list[tuple[str, str]]
    rows_note: str
    otherwise: str
    reference: str = ""
    language: str = "es"


def audit_page(
    audit: AnyAudit,
    rows: RowsToRead,
    explained: Mapping[str, Explained] | None = None,
    cuts: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """HTML of an audit, of a version or of a raw file, with rows to read, and what the rules mean where that is given.

    cuts: what labels say of each rule where it acts from each step of its histogram on.
    """
    folder = resources.files("cards.audit")
    looks, template = ((folder / f"page.{kind}").read_text("utf-8") for kind in ("css", "html.jinja"))
    looks += _chart_style()
    parts = [(folder / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    script = f'"use strict";\n(() => {{\n{"".join(parts)}}})();\n'
    page = _of_version(audit, rows) if isinstance(audit, Audit) else _of_file(audit, rows)
    return (
        environment()
        .from_string(template)
        .render(
            page=page,
            looks=_looks(audit),
            rules=_rules(audit, explained or {}),
            heat=heat,
            facets=FACETS.items(),
            style=looks,
            style_hash=policy_hash(looks),
            script_hash=policy_hash(script),
            script=script,
            data=embedded(_data(page, rows, reasons(explained or {}), audit, cuts or {})),
            blocks=[base64.b64encode(block).decode() for block in rows.blocks],
            pictures=[(picture, inline_svg(picture.drawing)) for picture in _pictures(audit)],
            tables=audit_tables(audit),
        )
    )


def _looks(audit: AnyAudit) -> list[tuple[Look, str, str]] | None:
    """The sentences, each with what the page is asked for to show its rows, and the command; None of a raw file."""
    if not isinstance(audit, Audit) or audit.looks is UNSET:
        return None
    return [(one, urlencode(one.address), command(*one.command)) for one in audit.looks]


@dataclass(frozen=True)
class ShownRule:
    """A rule as the page explains it. did: what it did, in words. example: None where this software's rule is another version.
    histogram: of graded scores, the picture, and the step at which the threshold lies; steps: how many there are."""

    name: str
    did: str
    reason: str
    example: Explained | None
    histogram: str = ""
    step: int = 0
    steps: int = 0


def _rules(audit: AnyAudit, explained: Mapping[str, Explained]) -> list[ShownRule]:
    """The rules that did something, those that did most first."""
    acted = {name: one for name, one in audit.rules.items() if one.drops or one.flags or one.signals}
    found = []
    for name in sorted(acted, key=lambda name: (-acted[name].drops, -acted[name].flags, name)):
        rule, known, spread = acted[name], explained.get(name), (audit.statistics.histograms or {}).get(name)
        counts = {"dropped": rule.drops, "flagged": rule.flags, "noted": rule.signals}
        did = ", ".join(f"{what} {count:,}" for what, count in counts.items() if count)
        did = f"{did}; verdict {rule.verdict} from {rule.threshold:.2f}, version {rule.version}"
        same = known if known and known.version == rule.version else None
        other = f" This software has version {known.version} of it." if known and not same else ""
        shown = ShownRule(name, did, (known.reason if known else "") + other, same)
        if spread:
            drawn = histogram_svg(spread.rows, spread.threshold, spread.flag_from)
            step = max(0, min(len(spread.rows) - 1, round(spread.threshold * BINS) - 1))
            shown = replace(shown, histogram=drawn, step=step, steps=len(spread.rows))
        found.append(shown)
    return found


def heat(cell: Cell) -> int:
    """How warm the cell of a table of shares is, from 0 to 9: `12.5 %` is 4. By the square root, so that small shares differ."""
    share = float(cell.removesuffix(" %")) / 100 if isinstance(cell, str) and cell.endswith(" %") else 0.0
    return min(9, round(10 * sqrt(share)))


def _data(
    page: Wording,
    rows: RowsToRead,
    meant: Mapping[str, str],
    audit: AnyAudit,
    cuts: Mapping[str, Sequence[str]],
) -> JsonObject:
    """What the page's script must know beside the rows. quoted: ids that a shell does not take as they are, by their place."""
    ids = enumerate(rows.rows["id"].to_list())
    return {
        "rows": rows.rows.height,
        "block": BLOCK,
        "blocks": len(rows.blocks),
        "reference": page.reference and quoted(page.reference),
        "quoted": {str(place): asked for place, id in ids if (asked := quoted(id)) != id},
        "language": page.language,
        "otherwise": page.otherwise,
        "looks": NAMED,
        "reasons": meant,
        "judged": {name: said for name, said in cuts.items() if any(said)},
        "scores": {name: one.rows for name, one in (audit.statistics.histograms or {}).items()},
    }


def _pictures(audit: AnyAudit) -> list[Picture]:
    drawn = pictures(audit.statistics, audit.stages if isinstance(audit, Audit) else ())
    by_name = {picture.name: picture for picture in drawn}
    return [by_name[name] for name in in_order(by_name, ORDER)]


def _chart_style() -> str:
    """The look of the pictures: that of the page, which a reader's machine decides until its button is pressed."""
    dark = f"@media (prefers-color-scheme: dark){{{style('dark', ':root:not([data-theme=light]) figure')}}}"
    return style("light", "figure") + dark + style("dark", ":root[data-theme=dark] figure") + "\n"


def _of_file(audit: FileAudit, rows: RowsToRead) -> Wording:
    return Wording(
        title=audit.file,
        subtitle="Rows as they are in the file, before any recipe: nothing is repaired and nothing dropped.",
        tiles=[("rows", f"{audit.rows:,}"), *_tiles(audit)],
        rows_note=f"{rows.total:,} of {audit.rows:,} rows, chosen by a hash of their ids.",
        otherwise="They are in the file.",
    )


def _of_version(audit: Audit, rows: RowsToRead) -> Wording:
    dropped, source = audit.dropped, audit.source_rows
    return Wording(
        title=audit.version,
        subtitle=(
            f"{audit.kept:,} of {source:,} source rows are kept. Content sha256 {audit.content_sha256[:12]}…, recipe sha256 "
            f"{audit.recipe_sha256[:12]}…, licence {audit.license or 'not stated'}. Source: {_source(audit.source)}."
        ),
        tiles=[
            ("source rows", f"{source:,}"),
            (f"kept, {share(audit.kept, source)}", f"{audit.kept:,}"),
            (f"dropped, {share(dropped, source)}", f"{dropped:,}"),
            *_tiles(audit),
        ],
        rows_note=_which(audit, rows),
        otherwise=f"In a terminal: {command('aguila', 'rows', audit.version, '--dropped')}",
        reference=audit.version,
    )


def _source(source: Mapping[str, object]) -> str:
    """What a version was made of, and the hash that pins it."""
    named = [
        str(source[key]) for key in ("kind", "repo", "name", "file", "split", "revision", "version") if source.get(key)
    ]
    pinned = next((f"sha256 {str(source[key])[:12]}…" for key in ("sha256", "content_sha256") if source.get(key)), "")
    return ", ".join([*named, *([pinned] if pinned else [])])


def _which(audit: Audit, rows: RowsToRead) -> str:
    """Which rows the page holds, and how many bytes they take in it."""
    gone = rows.rows["status"] == "dropped"
    flagged = rows.rows["here"].list.contains("flagged")
    said = (
        f"{int(gone.sum()):,} of {audit.dropped:,} dropped rows, {int(flagged.sum()):,} kept ones with a flag, the rows that "
        f"were kept in place of dropped duplicates, and others by a hash of their ids, as the model sees them (template "
        f"{audit.template}). They take {_size(rows.size)}, packed."
    )
    if rows.most is not None:
        said += (
            f" {rows.total - rows.rows.height:,} rows are left out, for size: of what each rule dropped, and of each flag, at "
            f"most {rows.most:,} rows are here, those whose hashed ids come first."
        )
    return " ".join([said, rows.note or ""]).strip()


def _size(count: int) -> str:
    """`7.3 MB`, `32 kB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"


def _tiles(audit: AnyAudit) -> list[tuple[str, str]]:
    """What a version and a file both have."""
    found = audit.statistics
    median = found.length["output"].words.p50
    tiles = [("have an input", f"{100 * found.with_input:.1f} %"), ("words in the median answer", f"{median:,.0f}")]
    if audit.tokens:
        tiles.append(("tokens in all", f"{audit.tokens.row.sum:,}"))
    return tiles
