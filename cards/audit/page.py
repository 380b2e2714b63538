"""The audit as one HTML page that opens offline.

Rows are hostile text. What the template writes is escaped; what the page's script shows comes as JSON, in which no markup
can end the element, and is written as text. The page's policy admits these scripts and this style by their hashes, and no
request at all.
"""

from dataclasses import dataclass
from importlib import resources

from cards.audit.numbers import AnyAudit, Audit, FileAudit
from cards.audit.rows import RowsToRead
from cards.audit.tables import audit_tables
from cards.shared.charts import Picture
from cards.shared.page import embedded, environment, policy_hash
from cards.shared.svg import inline_svg, style
from cards.shared.tables import in_order, share
from cards.statistics.listed import pictures

ORDER = ("funnel", "dropped")  # pictures that come first


@dataclass(frozen=True)
class Wording:
    """What the page says in words around the rows. tiles: what, number. rules: rule, stage, rows that it dropped."""

    title: str
    subtitle: str
    tiles: list[tuple[str, str]]
    kept_title: str
    kept_note: str
    dropped_total: int = 0
    dropped_note: str = ""
    rules: tuple[tuple[str, str, str], ...] = ()


def audit_page(audit: AnyAudit, rows: RowsToRead) -> str:
    """HTML of an audit, of a version or of a raw file, with rows to read."""
    folder = resources.files("cards.audit")
    looks, script, template = ((folder / f"page.{kind}").read_text("utf-8") for kind in ("css", "js", "html.jinja"))
    looks += _chart_style()
    return (
        environment()
        .from_string(template)
        .render(
            page=_of_version(audit, rows) if isinstance(audit, Audit) else _of_file(audit, rows),
            style=looks,
            style_hash=policy_hash(looks),
            script_hash=policy_hash(script),
            script=script,
            data=embedded({"dropped": rows.dropped, "kept": rows.kept}),
            pictures=[(picture, inline_svg(picture.drawing)) for picture in _pictures(audit)],
            tables=audit_tables(audit),
        )
    )


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
        kept_title="Sample of rows",
        kept_note=f"{len(rows.kept):,} of {audit.rows:,} rows, chosen by a hash of their ids.",
    )


def _of_version(audit: Audit, rows: RowsToRead) -> Wording:
    dropped, source, shown = audit.dropped, audit.source_rows, len(rows.dropped)
    counts = [(rule, stage, count) for stage, by in audit.statistics.dropped.items() for rule, count in by.items()]
    some = f"{shown:,} of {dropped:,} dropped rows are here: of each rule, those whose hashed ids come first."
    every = f"All {dropped:,} dropped rows are here."
    return Wording(
        title=audit.version,
        subtitle=f"{audit.kept:,} of {source:,} source rows are kept. Content sha256 {audit.content_sha256[:12]}…",
        tiles=[
            ("source rows", f"{source:,}"),
            (f"kept, {share(audit.kept, source)}", f"{audit.kept:,}"),
            (f"dropped, {share(dropped, source)}", f"{dropped:,}"),
            *_tiles(audit),
        ],
        kept_title="Kept rows",
        kept_note=(
            f"{len(rows.kept):,} of {audit.kept:,} kept rows as the model sees them (template {audit.template}), "
            "chosen by a hash of their ids."
        ),
        dropped_total=dropped,
        dropped_note=" ".join([every if shown == dropped else some, rows.note or ""]),
        rules=tuple(
            (rule, stage, f"{count:,}") for rule, stage, count in sorted(counts, key=lambda one: (-one[2], one[0]))
        ),
    )


def _tiles(audit: AnyAudit) -> list[tuple[str, str]]:
    """What a version and a file both have."""
    found = audit.statistics
    median = found.length["output"].words.p50
    tiles = [("have an input", f"{100 * found.with_input:.1f} %"), ("words in the median answer", f"{median:,.0f}")]
    if audit.tokens:
        tiles.append(("tokens in all", f"{audit.tokens.row.sum:,}"))
    return tiles
