"""The language decision: is the question Spanish, and is the answer?

Two detectors, because neither is enough alone: langdetect (Shuyo 2010, character n-grams, no Galician profile) loses short
Spanish questions, fastText's lid.176 (Joulin et al. 2016) lets Galician through. Both read prose only: code, addresses,
numbers and symbols have no language. The decision depends on the text alone, and "undetermined" is never a reason.

The *question* is read together with the answer, since many a question is too short to tell (a name, a formula); it is
foreign only if the instruction is not surely Spanish by itself. The *answer* is read alone, and is foreign only where it is
prose (words in lower case, not a list of titles or names) that neither detector takes for Spanish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import polars as pl

from filters.detectors.fasttext_model import SPANISH, read_texts
from filters.text import CODE_LOOK, CODE_TASK, FOREIGN_SCRIPT, OTHER_LANGUAGE_TASK, QUESTION, prose

READ = 120  # characters of prose that a detector reads: its answers hardly change beyond, its time does
SHORT = 25  # letters: a shorter text is undetermined
DOUBTFUL_SHORT = 45  # letters: a shorter text in doubt whose likeliest language is Spanish is Spanish
ANSWER_SHORT = 18  # letters of an answer, and
ANSWER_LONG = 30  # letters from which no other language need stand out
STANDS_OUT = 0.85
CERTAIN = 0.9  # probability of Spanish from which a row as a whole leaves no doubt about its instruction
MARKERS = 2  # Spanish function words after which the answer of a surely Spanish row needs no reading of its own
MARKER = r"(?:^|\s)(?:el|los|las|una|y|con|del|es|son|más|muy|pero|también|está|están|se)(?:\s|$)"
DOUBTFUL_LONG = 60  # letters: a shorter text in doubt is foreign only if langdetect is certain of a language
LETTER = r"\p{L}"
SCRIPT_SHORT = 5  # letters of a foreign script say as much as SHORT Latin ones
LANGDETECT = {"langdetect_spanish": pl.Float64, "langdetect_top": pl.String, "langdetect_score": pl.Float64}


@dataclass(frozen=True)
class Thresholds:
    """Probabilities of Spanish and Galician at which decisions turn.

    foreign_below: fastText's probability of Spanish under which a text is foreign. doubtful_below: under which langdetect is
    asked too; foreign if langdetect's is under langdetect_below. galician_from: fastText's probability of Galician from
    which a row is Galician (langdetect cannot tell). answer_below: the same as foreign_below for an answer by itself.
    """

    foreign_below: float = 0.3
    doubtful_below: float = 0.8
    langdetect_below: float = 0.5
    galician_from: float = 0.15
    answer_below: float = 0.1


def decide(rows: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Classes of every row's question and answer.

    rows: `row`, `instruction`, `input`, `output`. Returns `row`, `question`, `answer` ("es", "other" or "undetermined"),
    `question_score`, `answer_score` (0 sure Spanish … 1 sure foreign), `question_evidence`, `answer_evidence` (what the
    detectors said). A foreign answer is "undetermined" where the task asks for another language or for code.
    """
    texts = _latin_prose(rows)
    whole = pl.concat([texts, _fasttext(texts["whole"])], how="horizontal")
    question = _question(rows, whole, thresholds)
    answer = _answer(rows, whole, thresholds)
    return pl.concat([question, answer.drop("row")], how="horizontal")


def _latin_prose(rows: pl.DataFrame) -> pl.DataFrame:
    """The beginnings of what the detectors read: `row`, `instruction`, `answer`, `whole`, `letters` (of the whole)."""
    texts = rows.select(
        "row",
        prose(pl.col("instruction").str.head(4 * READ)).alias("instruction"),
        prose(pl.col("input").str.head(2 * READ)).alias("input"),
        prose(pl.col("output").str.head(4 * READ)).alias("answer"),
    )
    texts = texts.select(
        "row",
        "instruction",
        "answer",
        pl.concat_str("instruction", "input", "answer", separator=" ").str.head(READ).alias("whole"),
    )
    mixed = texts.filter(pl.any_horizontal(pl.col("whole", "answer").str.contains(FOREIGN_SCRIPT)))
    if mixed.height:
        # A few letters of another script in a Latin text are that script's matter (rule foreign_script), not its language.
        latin = mixed.with_columns(
            pl.when(pl.col(name).str.count_matches(r"\p{Latin}") > pl.col(name).str.count_matches(FOREIGN_SCRIPT))
            .then(pl.col(name).str.replace_all(FOREIGN_SCRIPT, ""))
            .otherwise(name)
            for name in ("instruction", "answer", "whole")
        )
        texts = texts.update(latin, on="row")
    return texts.with_columns(pl.col("whole").str.count_matches(LETTER).alias("letters"))


def _question(rows: pl.DataFrame, whole: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """`row`, `question`, `question_score`, `question_evidence`."""
    letters = pl.col("letters")
    few = whole.filter(letters < SHORT).filter(pl.col("whole").str.count_matches(FOREIGN_SCRIPT) >= SCRIPT_SHORT)["row"]
    told = whole.with_columns(((letters >= SHORT) | pl.col("row").is_in(few.implode())).alias("enough"))
    doubtful = pl.col("spanish").is_between(thresholds.foreign_below, thresholds.doubtful_below, closed="left")
    told = _with_langdetect(told, "whole", doubtful & (letters >= SHORT))
    galician = pl.col("galician") >= thresholds.galician_from
    little = (letters < DOUBTFUL_SHORT) & (pl.col("top") == SPANISH)
    little |= (letters < DOUBTFUL_LONG) & (pl.col("langdetect_score") < CERTAIN)
    foreign = (pl.col("spanish") < thresholds.foreign_below) | (
        pl.col("langdetect_spanish") < thresholds.langdetect_below
    )
    foreign = foreign.fill_null(False) & ~(doubtful & little).fill_null(False)
    told = told.with_columns(galician.alias("galician"), (pl.col("enough") & (foreign | galician)).alias("foreign"))
    told = told.join(_instructions(rows, told, thresholds), on="row", how="left", maintain_order="left")
    guarded = (pl.col("asked") | (pl.col("sure") & ~pl.col("galician"))).fill_null(False)
    return told.select(
        "row",
        pl.when((pl.col("foreign") & ~guarded) | pl.col("foreign_alone").fill_null(False))
        .then(pl.lit("other"))
        .when(~pl.col("enough") | (pl.col("foreign") & ~pl.col("sure").fill_null(False)))
        .then(pl.lit("undetermined"))
        .otherwise(pl.lit(SPANISH))
        .alias("question"),
        _score().alias("question_score"),
        _evidence().alias("question_evidence"),
    )


def _instructions(rows: pl.DataFrame, told: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The instructions by themselves, read only where the whole leaves a doubt.

    Returns `row`, `sure` (surely Spanish), `asked` (asks for another language, and is not foreign itself),
    `foreign_alone` (long, and foreign to both detectors, whatever the answer is in).
    """
    suspects = told.filter(pl.col("foreign") | (pl.col("spanish") < CERTAIN)).select("row", "instruction", "foreign")
    alone = _fasttext(suspects["instruction"]).select(alone="spanish", alone_top="top_score")
    suspects = pl.concat([suspects, alone], how="horizontal")
    suspects = suspects.with_columns(pl.col("instruction").str.count_matches(LETTER).alias("long"))
    stands_out = (pl.col("alone_top") >= STANDS_OUT) & (pl.col("long") >= ANSWER_LONG)
    suspects = _with_langdetect(suspects, "instruction", (pl.col("alone") < thresholds.answer_below) & stands_out)
    tasks = _tasks(rows, suspects.filter("foreign")["row"])
    return suspects.join(tasks, on="row", how="left", maintain_order="left").select(
        "row",
        ((pl.col("alone") >= thresholds.doubtful_below) & (pl.col("long") >= SHORT)).alias("sure"),
        (pl.col("other_language") & (pl.col("alone") >= thresholds.foreign_below)).fill_null(False).alias("asked"),
        (pl.col("langdetect_spanish") < thresholds.langdetect_below).fill_null(False).alias("foreign_alone"),
    )


def _answer(rows: pl.DataFrame, whole: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """`row`, `answer`, `answer_score`, `answer_evidence`."""
    answer = pl.col("answer")
    # Most answers of surely Spanish rows show at a glance that they are Spanish too; the others are read.
    marked = answer.str.head(READ).str.count_matches(MARKER) >= MARKERS
    texts = whole.with_columns(((pl.col("spanish") >= CERTAIN) & marked).alias("known"))
    unread = texts.filter(~pl.col("known")).select("row", "answer").filter(answer.str.len_chars() >= ANSWER_SHORT)
    read = pl.concat([unread, _fasttext(unread["answer"])], how="horizontal")
    suspects = read.filter(pl.col("spanish") < thresholds.answer_below)
    letters = answer.str.count_matches(LETTER)
    lower = answer.str.count_matches(r"(?:^|[\s\"“¿¡(])\p{Ll}[\p{L}'’]+")
    upper = answer.str.count_matches(r"(?:^|[\s\"“¿¡(])\p{Lu}")
    stands_out = (letters >= ANSWER_LONG) | ((letters >= ANSWER_SHORT) & (pl.col("top_score") >= STANDS_OUT))
    foreign_script = answer.str.count_matches(FOREIGN_SCRIPT) >= SCRIPT_SHORT
    suspects = suspects.filter(((lower >= 2) & (lower >= upper) & stands_out) | foreign_script)
    suspects = suspects.join(_tasks(rows, suspects["row"]), on="row", how="left", maintain_order="left")
    suspects = suspects.filter(~pl.col("other_language") & ~pl.col("code"))
    suspects = _with_langdetect(suspects, "answer", pl.lit(True))
    foreign = suspects.filter(pl.col("langdetect_spanish").fill_null(0.0) < thresholds.langdetect_below)["row"]
    known = texts.filter("known").select("row", "spanish", "top", "top_score")
    heard = pl.concat([read.select("row", "spanish", "top", "top_score"), known])
    heard = heard.join(suspects.select("row", *LANGDETECT), on="row", how="left")
    told = texts.select("row").join(heard, on="row", how="left", maintain_order="left")
    return told.select(
        "row",
        pl.when(pl.col("row").is_in(foreign.implode()))
        .then(pl.lit("other"))
        .when(pl.col("spanish").fill_null(0.0) < thresholds.foreign_below)
        .then(pl.lit("undetermined"))
        .otherwise(pl.lit(SPANISH))
        .alias("answer"),
        _score().fill_null(0.0).alias("answer_score"),
        _evidence().fill_null("too short to tell").alias("answer_evidence"),
    )


def _tasks(rows: pl.DataFrame, chosen: pl.Series) -> pl.DataFrame:
    """What the chosen rows' tasks allow: `row`, `other_language` (asks for one), `code` (asks for code, and gets it)."""
    unlike_prose = pl.col("output").str.contains(CODE_LOOK) | ~pl.col("output").str.contains(r"[.!?:…][\s\"»)]*$")
    return rows.filter(pl.col("row").is_in(chosen.implode())).select(
        "row",
        QUESTION.str.contains(OTHER_LANGUAGE_TASK).alias("other_language"),
        (QUESTION.str.contains(CODE_TASK) & unlike_prose).alias("code"),
    )


def _score() -> pl.Expr:
    return (1 - pl.min_horizontal("spanish", "langdetect_spanish")).round(4)


def _evidence() -> pl.Expr:
    """What the detectors said, such as `fastText ca 0.93 (es 0.02), langdetect ca 1.0`."""
    first = pl.format("fastText {} {}", "top", pl.col("top_score").round(2))
    spanish = (
        pl.when(pl.col("top") == SPANISH).then(pl.lit("")).otherwise(pl.format(" (es {})", pl.col("spanish").round(2)))
    )
    second = pl.format(", langdetect {} {}", "langdetect_top", pl.col("langdetect_score").round(2)).fill_null("")
    return pl.concat_str(first, spanish, second)


def _with_langdetect(told: pl.DataFrame, text: str, where: pl.Expr) -> pl.DataFrame:
    """langdetect's view of the rows that need it; null for the others."""
    told = told.with_row_index("at")
    asked = told.filter(where).select("at", text)
    heard = pl.concat([asked.select("at"), _langdetect(asked[text].str.head(2 * READ))], how="horizontal")
    return told.join(heard, on="at", how="left", maintain_order="left").drop("at")


# ---- the detectors ---------------------------------------------------------------------------------------------------


def _fasttext(texts: pl.Series) -> pl.DataFrame:
    """`spanish`, `galician` (probabilities), `top` (language) and `top_score` of each text, read up to READ characters."""
    chances = read_texts(texts.str.head(READ).str.to_lowercase().to_list())
    schema = {"spanish": pl.Float64, "galician": pl.Float64, "top": pl.String, "top_score": pl.Float64}
    return pl.DataFrame(dict(zip(schema, chances, strict=True)), schema=schema)


def _langdetect(texts: pl.Series) -> pl.DataFrame:
    """The same from langdetect: `langdetect_spanish`, `langdetect_top`, `langdetect_score`; null without features."""
    chances = langdetect_chances(texts.to_list())
    columns = (
        [None if not found else dict(found).get(SPANISH, 0.0) for found in chances],
        [None if not found else found[0][0] for found in chances],
        [None if not found else found[0][1] for found in chances],
    )
    return pl.DataFrame(dict(zip(LANGDETECT, columns, strict=True)), schema=LANGDETECT)


def langdetect_chances(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """langdetect's (language, probability) pairs for each text, likeliest first; empty for a text without features.

    Runs on langdetect-rs where it is installed (a port that gives the same numbers, on all cores), else on langdetect.
    """
    if find_spec("langdetect_rs"):
        return _chances_rs(texts)
    return _chances_python(texts)


def _chances_rs(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    import langdetect_rs

    langdetect_rs.DetectorFactory.seed = (
        0  # the detector draws random numbers; a fixed seed per text makes it a function
    )
    return [[(one.lang, one.prob) for one in found or []] for found in langdetect_rs.detect_langs_batch(list(texts))]


def _chances_python(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    import langdetect

    langdetect.DetectorFactory.seed = 0
    chances = []
    for text in texts:
        try:
            chances.append([(one.lang, one.prob) for one in langdetect.detect_langs(text)])
        except langdetect.lang_detect_exception.LangDetectException:
            chances.append([])  # no features: the library's word for a text without letters
    return chances
