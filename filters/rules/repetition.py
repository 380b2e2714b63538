"""Answers that repeat: the question, or themselves."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

import polars as pl

from filters.languages.spanish.repetition import (
    LITTLE_WORDS,
    LYRICS_TASK,
    QUESTION_WORD,
    REWRITE_TASK,
    STATEMENT_VERBS,
    VERDICTS,
)
from filters.languages.spanish.tasks import CODE_TASK
from filters.rule import Example, findings_by_row, rule
from filters.text import QUESTION, normalized, without_matching


def _grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def _echo(row: Mapping[str, str]) -> tuple[float, str] | None:
    asked, answered = row["asked"].split(), row["answered"].split()
    stated = "?" in row["instruction"] and "?" not in row["output"]  # a question, taken up as a statement
    if asked == answered and not stated:
        return 1.0, row["output"]
    if len(asked) < 6 or len(answered) > 1.5 * len(asked):
        return None
    wanted = set(_grams(asked, 5))
    share = len(wanted & set(_grams(answered, 5))) / len(wanted)
    if share < 0.5:
        return None
    if stated:
        # A good answer takes up the words of the question and adds one; without any it says nothing, or means yes.
        new = set(answered) - set(asked) - LITTLE_WORDS
        return (0.6, row["output"]) if not new and re.search(QUESTION_WORD, row["instruction"]) else None
    # "Tres ciudades de la costa son Cádiz, …" takes up the words of the order and carries it out.
    # So does "Un ejemplo de un ave que es nocturna es el búho", though its verb stood in the order already.
    added = Counter(answered) - Counter(asked)
    carried_out = added.keys() & STATEMENT_VERBS and added.keys() - STATEMENT_VERBS - LITTLE_WORDS
    return None if carried_out or (set(answered) - set(asked)) & STATEMENT_VERBS else (share, row["output"])


@rule(
    version=2,
    defect=20,
    languages=("es",),
    fields=("instruction", "output"),
    verdict="drop",
    threshold=0.8,
    flag_from=0.6,
    caught=[
        Example("Explica cómo se forma un arcoíris.", "Explica cómo se forma un arcoíris."),
        Example(
            "Describe las ventajas de vivir en un pueblo pequeño de montaña.",
            "Describe las ventajas de vivir en un pueblo pequeño de montaña, por favor.",
        ),
        Example("¿Por qué migran las aves?", "¿Por qué migran las aves?"),
    ],
    spared=[
        Example("Corrige la frase: los niño juega.", "Corrige la frase: los niños juegan."),
        Example("Da un ejemplo de un ave que es nocturna.", "Un ejemplo de un ave que es nocturna es el búho."),
        Example("¿Cuál es la capital de Bolivia?", "La capital constitucional de Bolivia es Sucre."),
        Example("Repite: hola.", "Repite: hola."),
        Example(
            "Enumera tres ciudades de la costa atlántica de Andalucía.",
            "Tres ciudades de la costa atlántica de Andalucía son Cádiz, Huelva y Rota.",
        ),
        Example("¿Son mamíferos los delfines que viven en el mar?", "Los delfines que viven en el mar son mamíferos."),
        Example("¿Quién es el autor de la novela más leída?", "El autor de la novela más leída es Cervantes."),
        Example(
            "¿Por qué es importante dormir bien cada noche para la salud?",
            "Es importante dormir bien cada noche para la salud porque el cuerpo se repara, la memoria se ordena y las "
            "defensas se fortalecen; dormir poco durante años aumenta el riesgo de enfermedades del corazón.",
        ),
    ],
)
def echo(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer repeats the instruction.

    Score: share of the instruction's word 5-grams that an answer of about its length repeats (defect 20 of the table);
    1 when both are equal. An answer that restates the question and goes on is longer, and spared; so are tasks that
    work on the words of the instruction (rewrite, correct, classify, complete).
    """
    candidates = (
        rows.filter(pl.col("output").str.len_chars() <= 2 * pl.col("instruction").str.len_chars() + 10)
        .with_columns(normalized(pl.col("instruction")).alias("asked"), normalized(pl.col("output")).alias("answered"))
        .filter(pl.col("asked") != "")
        .filter(
            pl.col("answered").str.contains(pl.col("asked").str.head(20), literal=True)
            | pl.col("answered").str.contains(pl.col("asked").str.tail(30), literal=True)
        )
        .select("row", "instruction", "input", "output", "asked", "answered")
    )
    return findings_by_row(without_matching(candidates, QUESTION, REWRITE_TASK), _echo)


SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\n+")
REPEATED_NGRAM = 4  # words
LIST_MARK = re.compile(r"^(?:\d+[.)]|[-*•])\s*")
ITEM_END = re.compile(r",\s+|\n+")
MANY_ITEMS = 16  # a shorter list may name a few things twice
SHORT_ITEM = 8  # characters: an item of a long list
CYCLE = 4  # sentences or items that come round again
ROUNDS = 3


def _tail_loop(units: list[str], least: int = 20) -> tuple[float, str] | None:
    """The last sentences or items go round in a circle of at most CYCLE, or most of the last half was said before.

    least: characters of a unit from which to say it twice is to repeat it.
    """
    if len(units) < 6:
        return None
    for period in range(1, CYCLE + 1):
        same = 0
        while same + period < len(units) and units[-1 - same] == units[-1 - same - period]:
            same += 1
        around = units[-period:]
        if same + period >= max(ROUNDS * period, 6) and not VERDICTS & set(around) and max(map(len, around)) >= 4:
            return 0.8, f"{' / '.join(around)} (× {1 + same // period})"
    half = units[len(units) // 2 :]
    said = set(units[: len(units) // 2])
    times = Counter(half)
    again = Counter(unit for unit in half if len(unit) >= least and (unit in said or times[unit] > 1))
    if len(half) >= 4 and again.total() >= 0.7 * len(half) and not VERDICTS & set(half):
        return 0.7, f"{again.most_common(1)[0][0]} (× {units.count(again.most_common(1)[0][0])})"
    return None


def _loops(row: Mapping[str, str]) -> tuple[float, str] | None:
    sentences = [sentence.strip().lower() for sentence in SENTENCE_END.split(row["output"])]
    sentences = [LIST_MARK.sub("", sentence).rstrip(" .,;") for sentence in sentences]
    sentences = [sentence for sentence in sentences if len(sentence) > 2]
    if VERDICTS.issuperset(sentences):
        return None
    items = [item.strip() for item in ITEM_END.split(row["output"].lower())]
    items = [LIST_MARK.sub("", item).rstrip(" .;") for item in items if len(item) > 2]
    tail = _tail_loop(sentences) or (_tail_loop(items, SHORT_ITEM) if len(items) >= MANY_ITEMS else None)
    if tail is not None:
        return tail
    run, best, worst = 1, 1, ""
    for before, sentence in pairwise(sentences):
        run = run + 1 if sentence == before else 1
        if run > best:
            best, worst = run, sentence
    words = re.findall(r"\w+", row["output"].lower())
    in_a_row = min(1.0, best * len(worst) / max(1, len(row["output"]))) if best >= 3 else 0.0
    counts = Counter(_grams(words, REPEATED_NGRAM))
    repeated = [gram for gram, count in counts.items() if count >= 3]
    # How much of the text is in n-grams that occur three times or more; the first occurrence of each is not held
    # against it.
    covered = sum(counts[gram] - 1 for gram in repeated) / max(1, sum(counts.values()))
    if best >= 3 and len(worst) > 12:
        in_a_row = max(in_a_row, 0.8)
    score = max(in_a_row, covered)
    if score < 0.3:
        return None
    if in_a_row >= covered:
        return score, f"{worst} (× {best})"
    most = max(repeated, key=lambda gram: (counts[gram], gram))
    return score, f"{' '.join(most)} (× {counts[most]})"


SAMPLE = 10  # characters


@rule(
    version=3,
    defect=21,
    languages=("es",),
    fields=("output", "instruction"),
    verdict="drop",
    threshold=0.6,
    flag_from=0.45,
    caught=[
        Example("Describe el mar.", "El mar es azul y profundo. El mar es azul y profundo. El mar es azul y profundo."),
        Example("Nombra frutas.", "1. La manzana roja\n2. La manzana roja\n3. La manzana roja\n4. La manzana roja"),
        Example(
            "Nombra países.", "1. Perú\n2. Chile\n3. Cuba\n4. Chile\n5. Cuba\n6. Chile\n7. Cuba\n8. Chile\n9. Cuba"
        ),
        Example(
            "¿Qué se compra en una papelería?",
            "cuadernos, bolígrafos, reglas grandes, compases, lápices de colores, " * 4 + "gomas",
        ),
        Example(
            "Da ideas para regalos.",
            "\n".join(
                f"{n}. Un libro de {tema}"
                for n, tema in enumerate(["cocina", "viajes", "historia", "jardines", "arte"] * 4, 1)
            ),
        ),
        Example(
            "Escribe una nota en la que repitas la petición.",
            "Pido una silla nueva. Pido una silla nueva. Pido una silla nueva. Pido una silla nueva.",
        ),
        Example(
            "¿Qué es el ahorro?",
            "El ahorro es importante para la familia y para la familia y para la familia y para la familia y para la "
            "familia y para la familia y para la familia.",
        ),
    ],
    spared=[
        Example("Escribe un poema con estribillo.", "Vuelve, mar.\nVuelve, mar.\nVuelve, mar.\nLa barca te espera."),
        Example(
            "Repite tres veces la frase.", "Me gusta el mar. Me gusta el mar. Me gusta el mar.", "Me gusta el mar."
        ),
        Example(
            "Di si es verdad.", "1. Verdadero\n2. Verdadero\n3. Verdadero\n4. Verdadero\n5. Verdadero\n6. Verdadero"
        ),
        Example("Enumera colores.", "- rojo\n- verde\n- azul\n- blanco\n- negro"),
        Example("¿Qué es la fotosíntesis?", "Es el proceso por el que las plantas producen alimento con luz."),
    ],
)
def repetition(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer loops: the same sentence three times or more in a row, or the same few words over and over.

    Score: share of the answer in word 4-grams that occur three times or more (repetition measures of Gopher, Rae et al.
    2021, section A1.1, cut to one for short Spanish answers), or taken up by one sentence in a row. Poems, songs and
    code are spared.
    """
    text, words = pl.col("output"), pl.col("output").str.to_lowercase().str.split(" ")
    lines = pl.col("output").str.split("\n")
    # A text that loops has said before what its later parts say; looking for three samples is much cheaper than
    # counting words.
    length = text.str.len_chars()
    samples = [text.str.slice((length * share).cast(pl.Int64), SAMPLE) for share in (0.45, 0.65, 0.85)]
    again = [
        text.str.find(sample, literal=True) < length * share - 1
        for sample, share in zip(samples, (0.45, 0.65, 0.85), strict=True)
    ]
    long = rows.filter(length >= 40)
    looped = long.filter(pl.any_horizontal(again)).filter(
        (words.list.n_unique() < 0.55 * words.list.len()) | (lines.list.n_unique() < lines.list.len() - 1)
    )
    # Numbers make the lines of a list differ.
    items = text.str.replace_all(r"(?m)^\s*(?:\d+[.)]|[-*•])\s*", "").str.split("\n")
    listed = (
        long.filter(text.str.count_matches("\n", literal=True) >= 5)
        .filter(items.list.n_unique() <= 0.7 * items.list.len())
        .join(looped, on="row", how="anti")
    )
    candidates = pl.concat([looped, listed]).filter(~pl.col("output").str.contains("```", literal=True))
    for task in (LYRICS_TASK, CODE_TASK):
        candidates = without_matching(candidates, QUESTION, task)
    return findings_by_row(candidates.select("row", "output"), _loops)
