"""Answers that stop before their end."""

import polars as pl

from filters.languages.spanish.tasks import CODE_TASK
from filters.languages.spanish.truncation import CLOSING_VOWELS, HANGING, LOANS, MISSPELT, SELDOM, UNFINISHED
from filters.rule import Example, findings, rule
from filters.text import CODE_LOOK, QUESTION

SENTENCE = 60  # characters from which an answer is a sentence, and may be cut inside a word, bold or a bracket
LONG = 200  # characters: shorter answers are phrases, titles and names as often as sentences
LAST = 600  # characters in which the last line is looked for
CLOSED = r"(?:^|\s)[#@]\w+\s*$|[.!?…:;)\]}»”\"'’*`|>%€$°=\p{So}]\s*$|\p{N}\s*$"
# A last line that need not end like a sentence: list item, table row, heading, code, signature, verse.
OPEN_LINE = r"^\s*(?:[-*•–—+#|]|\d+[.)]|[a-zA-Z][.)]\s)|[{};=<>\\]\S*\s*$"


OPEN_PAIR = r"\([^()\n]{0,200}$|\[[^\[\]\n]{0,200}$|«[^«»\n]{0,200}$|“[^“”\n]{0,200}$"


@rule(
    version=3,
    defect=18,
    languages=("es",),
    fields=("output", "instruction", "input"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.5,
    caught=[
        Example(
            "Explica la historia del café.",
            "El café llegó a Europa en el siglo diecisiete, traído por comerciantes venecianos que lo habían probado en los "
            "puertos del Mediterráneo oriental, y pronto abrieron locales donde la gente se reunía a conversar, leer y",
        ),
        Example(
            "Escribe una función y explícala.",
            "La función suma dos números. Recibe dos argumentos, los suma y devuelve el resultado, de modo que puede "
            "usarse en cualquier programa que necesite sumar. Se escribe de la siguiente manera en el lenguaje Python:\n"
            "```python\ndef suma(a, b):\n    return a + b",
        ),
        Example(
            "Describe la sierra.",
            "La sierra se levanta al norte de la comarca y en ella nacen tres ríos que riegan los huertos del valle; sus "
            "bosques de pino y roble dan sombra en verano, y en invierno la nieve cubre las cumbres más altas durante la",
        ),
        Example("Explica qué es la sal.", "La sal común es cloruro de sodio, y se obtiene de las salinas por evap"),
        Example(
            "¿Cómo funciona un motor?",
            "Una bujía enciende la mezcla. Los gases empujan el pistón, y este hace girar el cigü",
        ),
        Example(
            "¿Qué es el ahorro?",
            "Es guardar parte de lo que se gana. Sirve para gastos que llegan sin avisar, como una rep",
        ),
        Example(
            "¿Qué es el IPC?",
            "Mide los precios. Cuando sube, con el mismo dinero se compra menos: baja el poder adquisi",
        ),
        Example(
            "Explica qué es el trueque.",
            "El trueque es el cambio directo de un bien por otro sin que haga falta dinero, de",
        ),
        Example(
            "Da tres ventajas de andar.",
            "1. Es gratis.\n2. Fortalece las piernas.\n3. Ayuda a dormir mejor y a bajar la",
        ),
        Example(
            "Da un consejo para viajar.",
            "Antes de salir conviene revisar con calma la lista del equipaje. **Lleva siemp",
        ),
        Example(
            "Explica qué es un cereal.",
            "Un cereal es una planta de la familia de las gramíneas (por ejemplo, el trigo, el maíz o el arr",
        ),
    ],
    spared=[
        Example("Nombra un río.", "El río de la"),
        Example(
            "¿Qué camisa prefieres?", "La azul es bonita y combina bien con el pantalón, pero en esa tienda hay otra"
        ),
        Example(
            "¿Qué comemos?",
            "Hoy hay dos platos. Primero una crema de verduras con queso y después pasta con salsa y brócoli",
        ),
        Example(
            "¿Qué se usa para leer correo?",
            "Para leer el correo hace falta un aparato con acceso a una red como internet",
        ),
        Example(
            "Da una receta de arroz.",
            "Cuece el arroz en caldo durante veinte minutos y déjalo reposar.\n\nFuente: https://cocina.example/arroz-f",
        ),
        Example(
            "Escribe una lista de la compra larga.",
            "Esta es la lista de la compra para toda la semana, pensada para una familia de cuatro personas que come en "
            "casa todos los días y cena ligero, con fruta y verdura de temporada comprada en el mercado del barrio:\n- pan\n- tomates\n- un kilo de",
        ),
        Example(
            "Escribe una carta de despedida.",
            "Queridos compañeros: después de doce años dejo la oficina, y quiero daros las gracias por cada mañana de "
            "trabajo, por la paciencia con mis manías y por tantas risas junto a la máquina de café. Os echaré de menos.\n\nAna María Ruiz",
        ),
    ],
)
def cut_off(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer stops in the middle of a word, of a sentence or of a code block.

    Source: defect 18 of the table. Score 1 for an answer that ends in a word which cannot end one or in the beginning of a
    word, 0.9 for a code fence, bold, bracket or quote left open, or a last long line that ends in a comma, 0.5 for a last
    long line without closing punctuation. A word is unfinished if it ends as no Spanish word does and is no known loan. No lexicon:
    one of 86,156 forms (pyspellchecker 0.9.1) has no plurals and few conjugated forms, and with these made up for it found five
    whole words and no cut one in the 529 answers of several sentences, of 36,862 real rows, that end without a sign.
    """
    output, text, last_line = pl.col("output"), pl.col("text"), pl.col("last_line")
    rows = rows.filter(output.str.len_chars() >= SENTENCE)
    # Nearly all end in a full stop and hold no fence.
    rows = rows.filter(~output.str.ends_with(".") | output.str.contains("```", literal=True))
    rows = rows.with_columns(
        output.str.tail(LAST).str.strip_chars_end().alias("text"),
        (output.str.count_matches("```", literal=True) % 2 == 1).alias("open_fence"),
    )
    rows = rows.with_columns((~text.str.contains(CLOSED)).alias("open_end")).filter(
        pl.col("open_end") | pl.col("open_fence")
    )
    rows = rows.with_columns(text.str.extract(r"([^\n]*)$", 1).alias("last_line"))
    rows = rows.with_columns(_signs()).filter(pl.any_horizontal(pl.col(SIGNS)))
    # Code ends as it likes. Looking for it takes longest, and is worth it where one of these signs stands alone.
    coded = QUESTION.str.contains(CODE_TASK) | text.str.contains(CODE_LOOK) | text.str.contains(r"`|\{\{")
    sourced = last_line.str.contains(r"(?i)https?://\S*$|www\.\S*$|^\W*fuentes?\b")
    rows = rows.with_columns(coded.alias("coded"), sourced.alias("sourced"))
    rows = rows.with_columns(pl.col("unfinished", "bold", "pair") & ~pl.col("coded"))
    rows = rows.filter(pl.any_horizontal(pl.col(SIGNS)) & (pl.col("open_fence") | ~pl.col("sourced")))
    half = pl.any_horizontal("open_fence", "bold", "pair", "comma")
    return findings(
        rows,
        when=pl.lit(True),
        score=pl.when(pl.col("hanging") | pl.col("unfinished")).then(1.0).when(half).then(0.9).otherwise(0.5),
        evidence=text.str.tail(60),
    )


SIGNS = ("hanging", "unfinished", "fence", "bold", "pair", "comma", "unclosed")


def _signs() -> list[pl.Expr]:
    """What shows that a text (`text`, its `last_line`) may be cut off; of code, some of it says nothing."""
    output, text, last_line = pl.col("output"), pl.col("text"), pl.col("last_line")
    long, long_line = output.str.len_chars() >= LONG, last_line.str.len_chars() >= 80
    phrase = last_line.str.len_chars() >= 30
    listed = last_line.str.contains(OPEN_LINE)
    word = text.str.extract(UNFINISHED, 1)
    vowel = pl.coalesce(text.str.extract(MISSPELT, 1), text.str.extract(SELDOM, 1))
    unfinished = (word.is_not_null() & ~word.str.contains(LOANS)).fill_null(False)
    unfinished |= (vowel.is_not_null() & ~vowel.str.contains(CLOSING_VOWELS)).fill_null(False)
    bold = (last_line.str.count_matches("**", literal=True) % 2 == 1) & ~last_line.str.ends_with("*")
    found = (
        last_line.str.contains(HANGING)
        & ~last_line.str.contains(r"^\s*[#|+]")
        & phrase,  # an item is no more closed by it
        unfinished & phrase,
        pl.col("open_fence") & long,
        bold,
        last_line.str.contains(OPEN_PAIR) & ~last_line.str.ends_with(":(") & phrase,
        last_line.str.ends_with(",") & long_line & ~listed & long,
        long_line & pl.col("open_end") & ~listed & long,
    )
    return [sign.alias(name) for name, sign in zip(SIGNS, found, strict=True)]
