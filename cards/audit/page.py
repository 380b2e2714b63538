"""The audit as one HTML page that opens offline.

Rows are hostile text. What the template writes is escaped; what the page's script shows comes as JSON, in which no markup
can end the element, and is written as text. The page's policy admits these scripts and this style by their hashes, and no
request at all.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from cards.audit.tables import audit_tables, share
from cards.shared.charts import NUMBERS, THEMES, VEGA_LITE, WIDTH, charts, config
from cards.shared.terminal import safe

CAPTIONS = {
    "funnel": "From source to version",
    "dropped": "Why rows were dropped",
    "lengths": "How long texts are",
    "verbs": "What instructions ask for",
}


def report_page(numbers: Mapping[str, Any], rows: Mapping[str, Any]) -> str:
    """HTML of an audit.

    numbers: of `builders.auditing.audit` or `audit_file`. rows: `dropped` and `kept` rows to read and `note` (see
    `builders.audit_rows`).
    """
    import jinja2

    folder = resources.files("cards.audit")
    style, script = ((folder / name).read_text("utf-8") for name in ("page.css", "page.js"))
    pictures = charts(numbers["statistics"], numbers.get("stages") or ())
    told = {
        "charts": pictures,
        "themes": {theme: config(theme) for theme in THEMES},
        "width": WIDTH,
        "numbers": NUMBERS,
        **_visible({"dropped": rows["dropped"], "kept": rows["kept"]}),
    }
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True, finalize=_visible_text)
    return environment.from_string((folder / "page.html.jinja").read_text("utf-8")).render(
        {
            **_words(numbers, rows),
            "style": style,
            "style_hash": _hash(style),
            "script_hashes": [_hash(_vega()), _hash(script)],
            "vega": _vega(),
            "script": script,
            "data": _embedded(told),
            "figures": [(name, CAPTIONS[name], spec["description"]) for name, spec in pictures.items()],
            "tables": audit_tables(numbers),
        }
    )


def _words(numbers: Mapping[str, Any], rows: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says in words around the rows."""
    told = numbers["statistics"]
    median = told["length"]["output"]["words"]["p50"]
    tiles = [("have an input", f"{100 * told['with_input']:.1f} %"), ("words in the median answer", f"{median:,.0f}")]
    if "tokens" in numbers:
        tiles.append(("tokens in all", f"{numbers['tokens']['row']['sum']:,}"))
    shown = len(rows["dropped"])
    if "kept" not in numbers:
        return {
            "title": numbers["file"],
            "subtitle": "Rows as they lie in the file, before any recipe: nothing is repaired and nothing dropped.",
            "tiles": [("rows", f"{numbers['rows']:,}"), *tiles],
            "dropped_total": 0,
            "dropped_note": "",
            "rules": [],
            "kept_title": "Sample of rows",
            "kept_note": f"{len(rows['kept']):,} of {numbers['rows']:,} rows, chosen by a hash of their ids.",
        }
    dropped, source = numbers["dropped"], numbers["source_rows"]
    counts = [(rule, stage, count) for stage, by in told["dropped"].items() for rule, count in by.items()]
    rules = [(rule, stage, f"{count:,}") for rule, stage, count in sorted(counts, key=lambda one: (-one[2], one[0]))]
    some = f"{shown:,} of {dropped:,} dropped rows are here, of each rule those whose hashed ids come first."
    every = f"All {dropped:,} dropped rows are here."
    return {
        "title": numbers["version"],
        "subtitle": f"{numbers['kept']:,} of {source:,} source rows are kept. Content sha256 {numbers['content_sha256'][:12]}…",
        "tiles": [
            ("source rows", f"{source:,}"),
            (f"kept, {share(numbers['kept'], source)}", f"{numbers['kept']:,}"),
            (f"dropped, {share(dropped, source)}", f"{dropped:,}"),
            *tiles,
        ],
        "dropped_total": dropped,
        "dropped_note": " ".join([every if shown == dropped else some, rows["note"] or ""]),
        "rules": rules,
        "kept_title": "Kept rows",
        "kept_note": (
            f"{len(rows['kept']):,} of {numbers['kept']:,} kept rows as the model will see them (template "
            f"{numbers['template']}), chosen by a hash of their ids."
        ),
    }


def _embedded(value: Any) -> str:
    """JSON for a script element: no character in it can end the element or begin markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _visible(value: Any) -> Any:
    """Control characters, and those that turn the reading direction, are shown and not obeyed."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, Mapping):
        return {key: _visible(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_visible(one) for one in value]
    return value


def _visible_text(value: Any) -> Any:
    return safe(value) if type(value) is str else value


def _hash(text: str) -> str:
    """How a content security policy names a script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _vega() -> str:
    """Vega, Vega-Lite and vega-embed in one script, as vl-convert brings them."""
    import vl_convert

    script = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE))
    return script.replace("</script", "<\\/script")
