"""Rows that point at what is nowhere in them."""

import polars as pl

from filters.languages.spanish.absent import (
    BEFORE,
    BEFORE_NAME,
    MAKING_TASK,
    NAME_CODE,
    NAME_ELSEWHERE,
    NAMED,
    OPTIONS,
    POINTING,
    POINTING_HINTS,
    RETELLS,
    SEEN_OR_HEARD,
    SELF_CONTAINED,
    SPOKEN,
    STEP,
    STUB,
    STUB_INSIDE,
    STUB_TASK,
)
from filters.rule import Example, findings, rule
from filters.text import matching

CARRIED = r":\s*[^\s¿].{7,}|\n\s*\S.{5,}|[\"“«'‘*`(\[].{6,}[\"”»'’*`)\]]|\d\s*[,;]\s*\d|—"
CARRIED_WHOLE = r":\s*[^\s¿].{7,}|\n\s*\S.{5,}|[\"“«'‘*`(\[].{40,}[\"”»'’*`)\]]|—"  # the text, and not some words of it
ASKED_AT_MOST = 200  # characters: a longer question may hold what it asks about
PROGRAM = 300  # characters of code that are more than the line or two that a step adds


@rule(
    version=4,
    defect=4,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example("Describe la siguiente imagen con detalle.", "En la imagen se ve un faro."),
        Example("Resume el artículo adjunto en tres frases.", "El artículo trata de la sequía."),
        Example("¿Qué se oye en este audio?", "Se oye un tren."),
        Example("¿Qué busca la mujer de la grabación?", "Busca un libro."),
        Example("¿A qué hora quedan, según la conversación?", "A las cinco."),
        Example("Di qué se ve en la foto.", "Se ve un barco.", "[foto adjunta]"),
        Example("Describe la imagen.", "Es una playa.", "Imagen: [Insertar imagen de una playa]"),
        Example("Clasifica el siguiente titular.", "deportes"),
        Example("¿Qué propone Sofía?", "Ir en tren.", "A) Ir en tren.\nB) Ir a pie.\nC) No ir."),
        Example("¿Qué número escuchas?", "Seis", "A) Cinco\nB) Seis"),
        Example("¿De qué color es el barco de la foto?", "Es azul."),
        Example("Describe esta foto: [insertar foto]", "Es un puente."),
        Example("¿Qué defiende el autor en el texto anterior con «la casa vacía»?", "La vida lenta."),
        Example(
            "Paso 12.", "```js\n" + "let total = precio * cantidad;\n" * 12 + "```", "Suma los precios con `total`."
        ),
        Example("Lee este párrafo y di cuál es la idea principal.", "La idea principal es el ahorro."),
    ],
    spared=[
        Example("Resume el siguiente texto.", "Trata del mar.", "El mar cubre la mayor parte del planeta."),
        Example("Pasa a plural la siguiente frase: el perro ladra.", "Los perros ladran."),
        Example("¿Qué es un diálogo y qué lo distingue de una conversación?", "Un diálogo se escribe."),
        Example("¿Qué número sigue a dos?", "Tres", "A) Tres\nB) Uno"),
        Example("Ana tiene dos peras y come una. ¿Cuántas tiene Ana?", "Una", "A) Una\nB) Dos"),
        Example("¿Qué pintó Diego Velázquez?", "Las meninas", "A) Las meninas\nB) El grito"),
        Example("¿Qué frase presenta a Ana?", "Ella es Ana.", "A) Ella es Ana.\nB) Ella Ana es."),
        Example("¿Qué es una tabla periódica?", "Una ordenación de los elementos químicos."),
        Example("Escribe una carta para el siguiente cumpleaños de Ana.", "Querida Ana: ¡felicidades!"),
    ],
)
def absent_object(rows: pl.DataFrame) -> pl.DataFrame:
    """The instruction points at an image, a table, a text, a dialogue … that is nowhere in the row.

    Source: defect 4 of the table. What is carried in the instruction itself (after a colon, in quotes, on its own line)
    is not absent. An input that is only a stub ("[foto adjunta]") holds nothing, and one that is only the options of a question
    holds no dialogue. Score 1 for what cannot be text, 0.9 for text, people and steps, 0.6 where digits may be the data.
    """
    return pl.concat([_pointed(rows), _stubs(rows), _overheard(rows), _steps(rows)]).unique(
        "row", keep="first", maintain_order=True
    )


def _pointed(rows: pl.DataFrame) -> pl.DataFrame:
    """A pointing phrase, and no input."""
    rows = rows.filter(pl.col("input").str.strip_chars() == "").filter(
        pl.col("instruction").str.contains_any(POINTING_HINTS, ascii_case_insensitive=True)
    )
    rows = matching(rows, pl.col("instruction"), POINTING)
    asked = pl.col("instruction")
    hit = asked.str.extract(POINTING, 0)
    stub = asked.str.contains(STUB_INSIDE) & ~asked.str.contains(STUB_TASK)
    carried = (
        pl.when(asked.str.contains(BEFORE))
        .then(asked.str.contains(CARRIED_WHOLE))
        .otherwise(asked.str.contains(CARRIED))
    )
    goes_on = asked.str.contains(r"[.?!]\s+\S.{8,}$")  # another sentence, which may be the text
    makes = asked.str.contains(MAKING_TASK) & ~asked.str.contains(RETELLS)
    unsure = goes_on | asked.str.contains(r"\d") | (asked.str.len_chars() > 250) | makes
    return findings(
        rows,
        when=~carried | stub,
        score=pl.when(stub)
        .then(1.0)
        .when(hit.str.contains(rf"(?i){SEEN_OR_HEARD}"))
        .then(pl.when(makes).then(0.6).otherwise(1.0))
        .when(unsure)
        .then(0.6)
        .otherwise(0.9),
        evidence=hit,
    )


def _stubs(rows: pl.DataFrame) -> pl.DataFrame:
    """An input that only says what should stand there."""
    stub = rows.filter(pl.col("input").str.len_chars().is_between(3, 120)).filter(
        pl.col("input").str.contains(STUB) & ~pl.col("instruction").str.contains(STUB_TASK)
    )
    return findings(stub, when=pl.lit(True), evidence=pl.col("input"))


def _overheard(rows: pl.DataFrame) -> pl.DataFrame:
    """A question on what somebody said or what is heard, with nothing but its options."""
    rows = rows.filter(pl.col("input").str.contains(r"^\s*`?A[).]\s")).filter(pl.col("input").str.contains(OPTIONS))
    asked = pl.col("instruction")
    rows = rows.filter((asked.str.len_chars() < ASKED_AT_MOST) & ~asked.str.contains("\n", literal=True))
    people = (
        asked.str.replace_all(NAME_CODE, " ").str.replace_all(BEFORE_NAME, " ").str.replace_all(NAME_ELSEWHERE, " ")
    )
    named = people.str.extract(NAMED, 0).str.strip_chars(" ¿(,?.:")
    named = pl.when(~asked.str.replace_all(NAME_CODE, " ").str.contains(SELF_CONTAINED)).then(named)
    heard = asked.str.extract(SPOKEN, 0)
    return findings(rows, when=heard.is_not_null() | named.is_not_null(), score=0.9, evidence=pl.coalesce(heard, named))


def _steps(rows: pl.DataFrame) -> pl.DataFrame:
    """A step that changes a program, which the answer must have invented: it holds far more code than the row."""
    rows = rows.filter(pl.col("instruction").str.len_chars() < 20).filter(pl.col("instruction").str.contains(STEP))
    written = pl.col("output").str.len_chars() * pl.col("output").str.contains("```", literal=True)
    given = pl.col("input").str.extract_all(r"(?s)```.*?(?:```|\z)").list.join("").str.len_chars()
    return findings(rows, when=(written >= PROGRAM) & (written >= 2 * given), score=0.9, evidence=pl.col("instruction"))
