"""Damage by translation, seen beside the English row that was translated.

The ids of Bactrian-X are the same in all its languages, so the English file is a free oracle. A recipe names it, and
these rules run; without it they do not:

    source:
      kind: hub
      repo: MBZUAI/Bactrian-X
      revision: 3698480a001cb3f62c61c314d4acb181eb31e983
      file: data/es.json.gz
      parallel:
        kind: hub
        repo: MBZUAI/Bactrian-X
        revision: 3698480a001cb3f62c61c314d4acb181eb31e983
        file: data/en.json.gz

`parallel: {kind: file, path: en.jsonl.gz}` names a file of one's own, in any form that a source may have; `columns` maps
its columns. Rows are joined on id, and an id without a parallel row is judged by the other rules alone. The file is pinned by
sha256 like the source itself; `aguila verify` looks for it where it was, then beside the source's file.
"""

import re
from collections.abc import Mapping

import polars as pl

from filters.languages import ANY
from filters.languages.spanish.parallel import COMMON_WORDS
from filters.rule import Example, findings, findings_by_row, rule
from filters.rules.numerals import changes
from filters.text import CODE_LOOK, QUESTION, URL, normalized, prose

NEEDS = ("instruction_en", "input_en")
# Null where a row has no parallel row.
QUESTION_EN = pl.concat_str("instruction_en", pl.lit("\n"), pl.col("input_en").fill_null(""))
ENGLISH = r"\b(?:the|of|to|and|is|are|was|in|on|for|with|this|that|these|from|by|it|what|which|who|how|why|when|where|you|your|does)\b"


@rule(
    defect=8,
    languages=("es",),
    fields=("instruction",),
    verdict="drop",
    needs=NEEDS,
    caught=[
        Example(
            "Name three fruits of autumn.", "Uva, granada y membrillo.", instruction_en="Name three fruits of autumn."
        ),
        Example(
            "Rewrite the sentence in the past tense",
            "Llovió.",
            "Llueve.",
            instruction_en="Rewrite the sentence in the past tense.",
            input_en="It rains.",
        ),
        Example(
            "Generate five creative app ideas", "Una app de rutas.", instruction_en="Generate five creative app ideas"
        ),
    ],
    spared=[
        Example("Nombra tres frutas de otoño.", "Uva y granada.", instruction_en="Name three fruits of autumn."),
        Example("¿Qué significa «carpe diem»?", "Vive el día.", instruction_en="¿Qué significa «carpe diem»?"),
        Example(
            "SELECT nombre FROM clientes WHERE edad > 30",
            "Lee.",
            instruction_en="SELECT nombre FROM clientes WHERE edad > 30",
        ),
        Example("Marie Curie", "Una científica.", instruction_en="Marie Curie"),
        Example("12 + 30 + 4 + 8 =", "54", instruction_en="12 + 30 + 4 + 8 ="),
        Example("Name three fruits of autumn.", "Uva, granada y membrillo."),
    ],
)
def untranslated(rows: pl.DataFrame) -> pl.DataFrame:
    """The instruction was left in English: it equals that of the English row.

    Source: defect 8 of the table: equal but for case and punctuation, four or more words. What reads the same in both
    languages is spared: names, sums, code without English around it, and what is Spanish in the English row already.
    """
    begins = [pl.col(name).str.head(8).str.to_lowercase().str.extract(r"(\w+)") for name in ("instruction", NEEDS[0])]
    alike = rows.filter(begins[0] == begins[1])
    same = alike.filter(normalized(pl.col("instruction")) == normalized(pl.col("instruction_en")))
    # Words in capitals are names and the keywords of SQL.
    words = normalized(prose(pl.col("instruction")).str.replace_all(r"\b\p{Lu}{2,}\b", " "))
    neither = ~words.str.contains(COMMON_WORDS) & ~pl.col("instruction").str.contains(CODE_LOOK)
    return findings(
        same,
        when=(words.str.count_matches(r"\p{L}{2,}") >= 4)
        & (words.str.contains(ENGLISH) | neither)
        & ~pl.col("instruction").str.contains("[¿¡]"),
        evidence=pl.col("instruction"),
    )


def _changed(row: Mapping[str, str]) -> tuple[float, str] | None:
    found = [
        hit
        for field in ("instruction", "input")  # they were translated one by one
        if row[f"{field}_changed"] and (hit := changes(row[f"{field}_en"], row[field])) is not None
    ]
    if not found:
        return None
    return max(score for score, _ in found), "; ".join(evidence for _, evidence in found)


@rule(
    defect=8,
    languages=("es",),
    fields=("instruction", "input"),
    verdict="flag",
    threshold=0.5,
    needs=NEEDS,
    caught=[
        Example(
            "Ana tiene 15 manzanas y regala 6. ¿Cuántas le quedan?",
            "9",
            instruction_en="Ana has 15 apples and gives away 8. How many are left?",
        ),
        Example(
            "Suma los precios.", "37,50", "12,50 y 25", instruction_en="Add up the prices.", input_en="12.50, 20 and 5"
        ),
        Example("¿Qué ocurrió en 1807?", "Una guerra.", instruction_en="What happened in 1870?"),
    ],
    spared=[
        Example("Redondea 1.234,5 a la decena.", "1.230", instruction_en="Round 1,234.5 to the nearest ten."),
        Example("Nombra cinco ríos.", "Ebro…", instruction_en="Name 5 rivers."),
        Example(
            "Nombra 5 inventos del siglo XIX.",
            "La bombilla…",
            instruction_en="Name five inventions of the 19th century.",
        ),
        Example("¿Cuánto es el 20 por ciento de 10 000?", "2000", instruction_en="What is 20% of 10,000?"),
        Example(
            "Un tablón mide 30 centímetros. ¿Y la mitad?",
            "15",
            instruction_en="A board is 12 inches long. What is 1/2 of it?",
        ),
        Example(
            "La reunión es a las 15:30 del 4 de mayo de 2021.",
            "Vale.",
            instruction_en="The meeting is at 3:30 pm on 5/4/2021.",
        ),
        Example("Ana tiene 15 manzanas y regala 6.", "9"),
    ],
)
def changed_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """A number of the English question was lost or became another one in translation.

    Source: defect 8 of the table. Both customs of writing numerals are read, number words, ordinals, Roman numerals,
    months, fractions, decades, hours, and measures in other units. Score: 0.8 and more where a number is lost and
    another one appears, 0.5 to 0.75 by the share that is lost, 0.5 where one was only added.
    """
    # Most translations keep every group of digits, in some order: 1,234.5 and 1.234,5 have the same three.
    paired = rows.filter(pl.col("instruction_en").is_not_null()).select("row", "instruction", "input", *NEEDS)
    paired = paired.with_columns(pl.col("input_en").fill_null(""))
    differ = [
        (pl.col(field).str.extract_all("[0-9]+").list.sort() != pl.col(f"{field}_en").str.extract_all("[0-9]+").list.sort())
        .alias(f"{field}_changed")
        for field in ("instruction", "input")
    ]  # fmt: skip
    return findings_by_row(paired.with_columns(differ).filter(pl.any_horizontal("^.*_changed$")), _changed)


def _addresses(text: str) -> dict[str, str]:
    """The addresses of a text, as they stand, by what identifies them: scheme, case of the host and final signs apart."""
    found = {}
    for address in re.findall(URL, text.replace("&amp;", "&")):
        shown = address.rstrip(".,;:!?…»”’*_]}/")
        bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", shown)
        host, slash, path = bare.partition("/")
        found[host.lower() + slash + path] = shown
    return found


def _urls(row: Mapping[str, str]) -> tuple[float, str] | None:
    had, has = _addresses(row["english"]), _addresses(row["spanish"])
    missing = [shown for bare, shown in had.items() if bare not in has and bare not in row["spanish"]]
    added = [shown for bare, shown in has.items() if bare not in had]
    if not missing:
        return None
    return (1.0 if added else 0.8), f"{missing[0]} → {added[0] if added else '∅'}"


@rule(
    defect=5,
    languages=ANY,
    fields=("instruction", "input"),
    verdict="flag",
    needs=NEEDS,
    caught=[
        Example(
            "Resume https://museo.example/visita-guiada.",
            "Trata del museo.",
            instruction_en="Summarize https://museo.example/guided-tour.",
        ),
        Example(
            "Clasifica la dirección.",
            "Segura.",
            "https: // tienda.example / inicio",
            instruction_en="Classify the address.",
            input_en="https://tienda.example/inicio",
        ),
        Example("¿Qué hay en la página?", "Libros.", instruction_en="What is on the page www.libros.example?"),
    ],
    spared=[
        Example(
            "Resume https://museo.example/visita.", "Museo.", instruction_en="Summarize https://museo.example/visita/"
        ),
        Example("Mira (www.libros.example).", "Libros.", instruction_en="See http://www.Libros.example, please."),
        Example("¿Qué es una URL?", "Una dirección.", instruction_en="What is a URL?"),
        Example("Resume https://museo.example/visita.", "Museo."),
    ],
)
def changed_urls(rows: pl.DataFrame) -> pl.DataFrame:
    """An address of the English question was altered or lost in translation.

    Source: defect 5 of the table and what an English parallel row adds to it. Score: 1 where another address took its
    place, 0.8 where none did. Scheme, `www.`, a final slash and closing punctuation do not count.
    """
    linked = rows.filter(QUESTION_EN.str.contains_any(["http", "www."]))
    return findings_by_row(linked.select("row", QUESTION.alias("spanish"), QUESTION_EN.alias("english")), _urls)
