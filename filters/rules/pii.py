"""Personal data: what reaches, names or bills one person.

Every kind is recognised by its own arithmetic where it has one (check letters and digits, Luhn, the national numbering
plans); where it has none, the word that introduces it must stand before it. So a long number is not yet a finding.
"""

import re
from bisect import bisect
from collections.abc import Mapping

import polars as pl

from filters.detectors.personal_contacts import addresses, emails, phones
from filters.detectors.personal_numbers import DOUBTFUL, Found, numbers
from filters.languages.spanish.personal_data import DOCUMENT_PLACEHOLDER, PLACEHOLDER, SAMPLE_TASK
from filters.rule import Example, findings_by_row, rule
from filters.text import CODE_LOOK, matching

THRESHOLD = 0.8
ROUNDS = 8

# Something that may be personal data, for polars: a sign of an address, or seven digits close together.
SUSPECT = (
    r"\w@\w|[0-9](?:[ .()\u{a0}\u{202f}\-‑–]{0,2}[0-9]){6}|[A-ZÑ&a-z]{4}[ -]?[0-9]{6}|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|"
    r"[0-9A-Fa-f]:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]"
)
CODE_SPAN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
SAMPLED_IN_CODE = {"correo", "teléfono", "ip", "tarjeta"}


def personal(text: str, *, code: bool = False) -> list[Found]:
    """Every piece of personal data in a text, in order, none overlapping another.

    code: the text is code, or belongs to a task about it. There, and between backticks, addresses, telephones and cards
    are samples: they score 0.5.
    """
    spans = [(0, len(text))] if code else [span.span() for span in CODE_SPAN.finditer(text)]
    found = set()
    for one in (piece for find in (numbers, emails, addresses, phones) for piece in find(text)):
        at = bisect(spans, (one.start, len(text))) - 1  # the only span that it can be in
        sample = one.kind in SAMPLED_IN_CODE and at >= 0 and one.start < spans[at][1]
        found.add(one._replace(score=DOUBTFUL) if sample else one)
    groups = _together(sorted(found))
    return [one for group in groups for one in (group if len(group) == 1 else _without_overlaps(group))]


def _together(found: list[Found]) -> list[list[Found]]:
    """Pieces in order, those in one list that overlap, be it by way of others."""
    groups: list[list[Found]] = []
    end = -1
    for one in found:
        if one.start >= end:
            groups.append([])
        groups[-1].append(one)
        end = max(end, one.end)
    return groups


def _without_overlaps(found: list[Found]) -> list[Found]:
    """The surest and longest first, without those that overlap one before them; in order."""
    chosen: list[Found] = []
    starts: list[int] = []
    for one in sorted(found, key=lambda one: (-one.score, one.start - one.end, one.start, one.kind)):
        at = bisect(starts, one.start)  # those that are chosen do not overlap, so only its neighbours can
        before, after = chosen[at - 1 : at], chosen[at : at + 1]
        if all(other.end <= one.start for other in before) and all(one.end <= other.start for other in after):
            starts.insert(at, one.start)
            chosen.insert(at, one)
    return chosen


def mask(text: str, *, code: bool = False) -> tuple[str, tuple[str, ...]]:
    """The text with a placeholder for each sure piece of personal data, and the kinds that were masked, sorted.

    Doubtful pieces (score below 0.8) stay: a wrong placeholder spoils a good row. All of a text is read, however long, also what
    rules do not read: a dataset whose personal data is masked holds none.
    """
    kinds: set[str] = set()
    # Again until nothing is found: a placeholder is shorter than what it hides, and brings other words beside a number.
    # Not for ever: a text can be made so that each round uncovers one more. What is left then is flagged.
    for _ in range(ROUNDS):
        sure = [one for one in personal(text, code=code) if one.score >= THRESHOLD]
        if not sure:
            break
        ends = [0, *(one.end for one in sure)]
        between = [text[end : one.start] for end, one in zip(ends, sure, strict=False)]
        masks = [PLACEHOLDER.get(one.kind, DOCUMENT_PLACEHOLDER) for one in sure]
        pieces = (piece for both in zip(between, masks, strict=True) for piece in both)
        text = "".join(pieces) + text[ends[-1] :]
        kinds |= {one.kind for one in sure}
    return text, tuple(sorted(kinds))


def suspects(rows: pl.DataFrame, field: str) -> pl.DataFrame:
    """The few rows whose `field` may hold personal data: `row`, `text` (the field), and `code` (see `personal`)."""
    narrowed = rows.filter(pl.col(field).str.contains("[0-9@:]")).filter(pl.col(field).str.contains(SUSPECT))
    sampled = matching(narrowed, pl.col("instruction"), SAMPLE_TASK)["row"]
    code = pl.col(field).str.contains(CODE_LOOK) | pl.col("row").is_in(sampled.implode())
    return narrowed.select("row", pl.col(field).alias("text"), code.alias("code"))


def _judge(row: Mapping[str, str]) -> tuple[float, str] | None:
    text = row["text"]
    found = personal(text, code=bool(row["code"]))
    if not found:
        return None
    best = max(one.score for one in found)
    # The kind and a beginning: enough to see what it is, not enough to use it. The ledger is published.
    shown = [
        f"{one.kind}: {text[one.start : one.start + min(3, (one.end - one.start) // 3)]}…"
        for one in found
        if one.score == best
    ]
    return best, "; ".join(dict.fromkeys(shown))


@rule(
    defect=26,
    languages=("es",),
    fields=("instruction", "input", "output"),
    verdict="flag",
    threshold=THRESHOLD,
    caught=[
        Example("Redacta un aviso.", "Quien encuentre al gato, que escriba a lucia.robledo@gmail.com."),
        Example("¿Cómo pido cita?", "Llame al teléfono 91 523 47 86 de nueve a dos."),
        Example("Extrae los datos.", "Marta Gil, con DNI.", "Marta Gil, DNI 48213975H, firma el contrato."),
        Example("Rellena la ficha.", "Nombre: Iván Soto. RUT: 17.482.639-0."),
        Example("Resume el mensaje.", "Pide pagar.", "Pague a la cuenta ES98 2038 5778 9830 0076 0236."),
        Example("¿Cuál es la tarjeta?", "Es la 4539 5787 6362 1486."),
        Example("¿Desde dónde se conectó?", "Desde la dirección IP 83.45.112.207."),
    ],
    spared=[
        Example("Escribe un correo de muestra.", "Para: nombre@dominio.com\nDe: ana@example.com"),
        Example("¿Cuántos habitantes tiene la región?", "Tiene 47 615 034 habitantes, 612.345.678 menos que otra."),
        Example("¿Cuándo vivió?", "Entre 1876-1946; su teléfono lo patentó en 1876."),
        Example("¿Qué dirección usa el enrutador?", "Suele ser 192.168.1.1, y 127.0.0.1 es el propio equipo."),
        Example("¿Qué hay de nuevo?", "La versión 10.45.112.207 corrige errores."),
        Example("¿Es válido este DNI?", "No, la letra no corresponde.", "48213975A"),
        Example("Escribe en Python una función que envíe un correo.", "enviar('lucia.robledo@gmail.com')"),
    ],
)
def personal_data(rows: pl.DataFrame) -> pl.DataFrame:
    """The row holds personal data: an e-mail address, a telephone, an identity number, a card, an account, an IP address.

    Score: 1 when the piece proves itself (check digits, a numbering plan) or is introduced by its name, 0.5 for
    addresses in code, which are samples, and for an IP address that may be a section or version number. Addresses that
    mean nobody (example.com, nombre@dominio, private networks) are spared. A dataset that is published must not spread
    personal data; source: the kinds of Presidio's recognisers, with the numbers of Spain and Latin America; number 26
    continues the table of defects. The evidence shows the kind and the first characters.
    """
    texts = [
        suspects(rows, field).with_columns(pl.lit(at, pl.UInt8).alias("field"))
        for at, field in enumerate(personal_data.fields)
    ]
    found = findings_by_row(pl.concat(texts).sort("row", "field"), _judge)
    # At most one finding per row: the surest, in the order of the fields.
    return (
        found.sort("score", descending=True, maintain_order=True)
        .unique("row", keep="first", maintain_order=True)
        .sort("row")
    )
