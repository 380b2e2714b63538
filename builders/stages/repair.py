"""Mechanical edits: what a machine broke, a machine may mend.

Vectorised patterns find the few fields in which something is suspicious; only those are handed to Python. Every edit is
named in the ledger as `field:edit`, and the ledger's two hashes say what the row was before and is after.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from html.entities import html5

import ftfy
import polars as pl

from builders.recipes.model import Repair
from builders.schema import FIELDS, LANGUAGE, several_languages
from builders.stages.outcome import Outcome, in_parts
from filters.languages import INVISIBLE_LETTERS
from filters.languages.spanish.tasks import CODE_TASK
from filters.normal_form import normal_form
from filters.rules.pii import mask, suspects
from filters.text import CODE_LOOK

# Tasks about how text is stored: in them a strange character is the subject.
ENCODING_TASK = (
    r"(?i)\b(?:codificaci[oó]n|mojibake|utf-?8|utf-?16|latin-?1|unicode|iso-?8859\S*|encoding|windows-1252|ascii|entidades|"
    r"caracter(?:es)? (?:especial|invisible|de control)\w*)\b"
)

ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"

NO_INPUT = re.compile(
    r"""^[\s<(\[{"'«*.\-]*(?:
        no\s?-?input(?:\s(?:required|needed|provided|necessary))?|noinput|none|null|n/?a|
        sin\s(?:ninguna\s)?(?:entrada|input)|
        (?:no\s(?:hay|se\s(?:requiere|necesita|proporciona|aplica)|es\snecesari[ao]|tiene)|ninguna?)\s?(?:ninguna?\s)?(?:entrada|input|datos\sde\sentrada)(?:\s(?:necesari[ao]|requerid[ao]|adicional))?|
        (?=["'«“]+\s*["'»”]+\s*$)|ningun[oa]|no\s(?:aplica|aplicable|procede|input)|entrada\svac[ií]a|vac[ií]o
    )[\s>)\]}"'»*.]*(?:\((?:no\sinput|ningun|sin\s)[^()]*\)[\s.]*)?$""",
    re.IGNORECASE | re.VERBOSE,
)


def _entities(text: str) -> str:
    for _ in range(2):  # "&amp;quot;" was escaped twice
        text = re.sub(ENTITY, lambda m: _entity(m[0]), text)
    return text


def _entity(entity: str) -> str:
    if not entity.startswith("&#"):
        return html5.get(entity[1:], entity)  # the whole name: html.unescape would read "&copyright;" as "©right;"
    character = html.unescape(entity)
    # A number may name a control character or none at all; mending it would trade one defect for another.
    unfit = character in ("", "\ufffd") or unicodedata.category(character) in ("Cc", "Cs", "Cn")
    return entity if unfit else character


# Pictures, the signs that become one (gender, heart, black square) and what varies their look.
PICTURE = r"\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
JOINER_ELSEWHERE = re.compile(rf"(?<![{PICTURE}])\u200d|\u200d(?![{PICTURE}])")
# Where a sentence ends and the next begins, an invisible space is a space that was meant.
BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…:;,»”)])[\u200b\ufeff]+(?=[«“(¿¡]*[A-ZÁÉÍÓÚÜÑ¿¡])")


def _invisible(text: str) -> str:
    text = JOINER_ELSEWHERE.sub("", text)  # U+200D joins emoji into one picture; there it is no defect
    text = BETWEEN_SENTENCES.sub(" ", text)
    return re.sub("[\u200b\u200c\u200e\u200f\u2060\ufeff]", "", text)


# What the bytes 0x80 to 0x9F are in Windows-1252, which such text was written in (0x97 a dash; five are nothing there); a space
# for what separates words or lines; and nothing for the others.
CONTROL: dict[int, str | None] = {
    **{code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)},
    **dict.fromkeys((*range(9), *range(0x0E, 0x1C), 0x7F)),
    **dict.fromkeys((0x0B, 0x0C, *range(0x1C, 0x20)), " "),
}
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width signs, each at its distance from ASCII


def _control(text: str) -> str:
    return text.translate(CONTROL)


def _width(text: str) -> str:
    return text.translate(WIDE)


def _mojibake(text: str) -> str:
    return "\n".join(ftfy.fix_encoding(line) for line in text.split("\n"))


def _no_input(text: str) -> str:
    return "" if NO_INPUT.match(text) else text


ANSWER_LABEL = re.compile(r"\s*\*{0,2}(?:A|R|Answer|Respuesta)\s?:\*{0,2}\s+(?=\S)")
OTHER_LABEL = re.compile(r"\n[ \t]*\*{0,2}(?:[A-Z]|\d{1,2}|[A-ZÁÉÍÓÚÑ]\w{1,20})\s?:")

LABELLED_TASK = r"(?m)^\s*A\s?[).:\-]|\bA\)|(?i:di[aá]logo|conversaci[oó]n|opci[oó]n|gui[oó]n|entrevista|chistes?)"


def _answer_label(text: str) -> str:
    """Without the label of the answer, unless others follow: then it is a dialogue, a list or a form."""
    label = ANSWER_LABEL.match(text)
    return text[label.end() :] if label and not OTHER_LABEL.search(text) else text


# Name, pattern of a suspicious field, mend, and the columns.
Edit = tuple[str, str, Callable[[str], str], tuple[str, ...]]
MARKERS: Edit = (
    "no_input",
    r"(?i)^\W{0,5}(?:no|n/|ning|sin |null|entrada vac|vac)|^\s*[\"'«“]+\s*[\"'»”]+\s*$",
    _no_input,
    ("input",),
)
LABELS: Edit = ("answer_label", r"^\s*\*{0,2}(?:A|R|Answer|Respuesta)\s?:", _answer_label, ("output",))
# Characters (as a class writes them) with which each of these defects begins.
SIGNS = {
    "mojibake": "ÂÃâÅÄðÐÑ",
    "entities": "&",
    "invisible": r"\u{200B}-\u{200F}\u{2060}\u{FEFF}",
    "control": r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}",
    "width": r"\u{FF01}-\u{FF5E}",
    "nfc": r"\u{300}-\u{36F}\u{1AB0}-\u{1AFF}\u{1DC0}-\u{1DFF}\u{20D0}-\u{20FF}\u{212A}\u{212B}\u{2126}\u{2000}\u{2001}"
    r"\u{1100}-\u{11FF}\u{F900}-\u{FAFF}",
}
ANY_SIGN = f"[{''.join(SIGNS.values())}]"
# In this order: mojibake hides control characters, entities may name invisible ones.
OF_SIGNS: tuple[Edit, ...] = (
    ("mojibake", rf"[{SIGNS['mojibake']}][\u{{80}}-\u{{BF}}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", _mojibake, FIELDS),
    ("entities", ENTITY, _entities, FIELDS),
    ("invisible", f"[{SIGNS['invisible']}]", _invisible, FIELDS),
    ("control", f"[{SIGNS['control']}]", _control, FIELDS),
    ("width", f"[{SIGNS['width']}]", _width, FIELDS),
    ("nfc", f"[{SIGNS['nfc']}]", lambda text: normal_form("NFC", text), FIELDS),
)

# What is right in code or markup: an entity, a full-width literal, a combining accent. A no-input marker is none of it.
SPARED_IN_CODE = ("entities", "width", "nfc", "invisible")
SPARED_IN_ENCODING_TASKS = ("mojibake", "control", *SPARED_IN_CODE)


def repaired(rows: pl.DataFrame, settings: Repair) -> Outcome:
    """The repair stage (see `repair`)."""
    mended, edits = repair(rows, settings)
    return Outcome(mended, edits=edits)


def repair(rows: pl.DataFrame, settings: Repair) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Mend `instruction`, `input` and `output`.

    Returns the rows with mended fields and the edits made: `row` (u32), `edit` (String, "field:edit"), in order.
    """
    mended = in_parts(lambda part: _repair(part, settings), rows)
    return pl.concat([one for one, _ in mended]), pl.concat([edits for _, edits in mended])


def _repair(rows: pl.DataFrame, settings: Repair) -> tuple[pl.DataFrame, pl.DataFrame]:
    edits: list[tuple[int, str]] = []
    if settings.enabled:
        # Markers first, because "<noinput>" looks like a tag and its row like code; and again, because one may have been
        # hidden: "&lt;noinput&gt;".
        rows = _edited(rows, (MARKERS,), settings, edits)
        # One look for all signs: in most rows there is none of them.
        signed = rows.filter(pl.any_horizontal(pl.col(field).str.contains(ANY_SIGN) for field in FIELDS))
        before = len(edits)
        mended = _edited(signed, OF_SIGNS, settings, edits)
        changed = sorted({row for row, _ in edits[before:]})
        if changed:
            rows = rows.update(mended.select("row", *FIELDS).filter(pl.col("row").is_in(changed)), on="row")
        rows = _edited(rows, (MARKERS, LABELS), settings, edits)
    if settings.enabled and settings.personal_data:
        # The last edit, for a number may hide behind an entity or full-width digits until it is mended.
        masked = {field: _masked(rows, field) for field in FIELDS}
        for field, changes in masked.items():
            rows = _changed(rows, field, changes)
            edits += [(row, f"{field}:personal_data") for row, _ in changes]
        rows = _without_parallel(rows, {row for field in ("instruction", "input") for row, _ in masked[field]})
    table = pl.DataFrame(edits, schema={"row": pl.UInt32, "edit": pl.String}, orient="row")
    return rows, table.sort("row", maintain_order=True)


def _edited(rows: pl.DataFrame, asked: Sequence[Edit], settings: Repair, edits: list[tuple[int, str]]) -> pl.DataFrame:
    """The rows after these edits, as far as the recipe asks for them; what was done is added to `edits`."""
    for name, pattern, mend, fields in asked:
        if not getattr(settings, name):
            continue
        for field in fields:
            suspicious = rows.filter(pl.col(field).str.contains(pattern))
            if name == "invisible" and several_languages(rows):  # letters of some writings, dirt in others
                suspicious = suspicious.filter(~pl.col(LANGUAGE.name).is_in(INVISIBLE_LETTERS))
            if name in SPARED_IN_ENCODING_TASKS:
                suspicious = _without(suspicious, code=name in SPARED_IN_CODE)
            if name == "answer_label":  # where options or speakers are named so, the letter is the answer
                question = pl.concat_str("instruction", pl.lit("\n"), "input")
                suspicious = suspicious.filter(~question.str.contains(LABELLED_TASK))
            if name == "width":  # beside Japanese or Chinese, full-width signs are at home
                suspicious = suspicious.filter(
                    ~pl.col(field).str.contains(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
                )
            mended = [
                (row, new) for row, old in suspicious.select("row", field).iter_rows() if (new := mend(old)) != old
            ]
            rows = _changed(rows, field, mended)
            edits += [(row, f"{field}:{name}") for row, _ in mended]
    return rows


def _masked(rows: pl.DataFrame, field: str) -> list[tuple[int, str]]:
    """Rows whose field holds personal data, with placeholders in its place."""
    candidates = suspects(rows, field).iter_rows()
    return [(row, new) for row, old, code in candidates if (new := mask(old, code=code)[0]) != old]


def _without_parallel(rows: pl.DataFrame, masked: set[int]) -> pl.DataFrame:
    """Rows without the English parallels of masked ones: beside one, a masked number looks lost, and evidence would tell it."""
    english = [column for column in rows.columns if column.endswith("_en")]
    return rows.with_columns(pl.when(~pl.col("row").is_in(sorted(masked))).then(pl.col(english)).name.keep())


def _changed(rows: pl.DataFrame, field: str, changes: list[tuple[int, str]]) -> pl.DataFrame:
    if not changes:
        return rows
    table = pl.DataFrame(changes, schema={"row": pl.UInt32, "mended": pl.String}, orient="row")
    rows = rows.join(table, on="row", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("mended", field).alias(field)).drop("mended")


def _without(rows: pl.DataFrame, *, code: bool) -> pl.DataFrame:
    """Rows whose task is not about encodings and, if `code`, not about code or markup either."""
    question = pl.concat_str("instruction", pl.lit("\n"), "input")
    rows = rows.filter(~question.str.contains(ENCODING_TASK))
    if code:
        rows = rows.filter(~question.str.contains(CODE_TASK))
        # An entity ends in a semicolon, as statements do; it must not make prose look like code.
        answer = pl.concat_str("input", pl.lit("\n"), "output").str.replace_all(ENTITY, "")
        rows = rows.filter(~answer.str.contains(CODE_LOOK))
    return rows
