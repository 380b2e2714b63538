"""The language decision: is the question in the language of the dataset, and is the answer?

Two detectors, because neither is enough alone: langdetect (Shuyo 2010, character n-grams, no Galician profile) loses short
Spanish questions, fastText's lid.176 (Joulin et al. 2016) lets Galician through. Both read prose only: code, addresses,
numbers and symbols have no language. The decision depends on the text alone, and "undetermined" is never a reason.

The *question* is read together with the answer, since many a question is too short to tell (a name, a formula); it is
foreign only if the instruction is not surely in the language by itself. The *answer* is read alone, and is foreign only
where it is prose (words in lower case, not a list of titles or names) that neither detector takes for the language. What a
language brings is in its room (`filters/languages/`); the numbers were tuned on Spanish.
"""

import math
from dataclasses import dataclass

import polars as pl

from filters.detectors.fasttext_model import read_texts
from filters.detectors.function_words import given, with_words
from filters.detectors.langdetect_engine import langdetect_chances
from filters.languages import Detection, LanguagePack
from filters.languages.spanish import SPANISH
from filters.text import CODE_LOOK, QUESTION, matching, prose
from filters.window import windowed

READ = 120  # characters of prose that a detector reads: its answers hardly change beyond, its time does
STRIPPED = 2000  # characters of a field from which code is taken out before it is cut
FIELDS = (("instruction", 4 * READ, "instruction"), ("input", 2 * READ, "input"), ("output", 4 * READ, "answer"))
SHORT = 25  # letters: a shorter text is undetermined
DOUBTFUL_SHORT = 45  # letters: a shorter text in doubt whose likeliest language is ours is in ours
ANSWER_SHORT = 18  # letters of an answer, and
ANSWER_LONG = 30  # letters from which no other language need stand out
STANDS_OUT = 0.85
LIKELY = 0.5  # probability of another language that outweighs one or two function words of ours
CERTAIN = 0.9  # probability of the language from which a row as a whole leaves no doubt about its instruction
MARKERS = 2  # function words after which the answer of a row that is surely in the language needs no reading of its own
DOUBTFUL_LONG = 60  # letters: a shorter text in doubt is foreign only if langdetect is certain
LETTER = r"\p{L}"
SCRIPT_SHORT = 5  # letters of a foreign script say as much as SHORT Latin ones
LANGDETECT = {"langdetect_ours": pl.Float64, "langdetect_top": pl.String, "langdetect_score": pl.Float64}


@dataclass(frozen=True)
class Thresholds:
    """Probabilities of the language, and of its close neighbour, at which decisions turn.

    foreign_below: fastText's probability of the language under which a text is foreign. doubtful_below: under which
    langdetect is asked too; foreign if langdetect's is under langdetect_below. neighbour_from: fastText's probability of the
    neighbour (of Spanish: Galician, which langdetect lacks) from which a row is in that; None: as its room says. answer_below:
    the same as foreign_below for an answer by itself.
    """

    foreign_below: float = 0.3
    doubtful_below: float = 0.8
    langdetect_below: float = 0.5
    neighbour_from: float | None = None
    answer_below: float = 0.1


def decide(rows: pl.DataFrame, thresholds: Thresholds, language: LanguagePack = SPANISH) -> pl.DataFrame:
    """Classes of every row's question and answer. language: one whose detection is filled in.

    rows: `row`, `instruction`, `input`, `output`. Returns `row`, `question`, `answer` (the language's code, "other" or
    "undetermined"), `question_score`, `answer_score` (0 surely in the language … 1 surely foreign), `question_evidence`,
    `answer_evidence` (what the detectors said). A foreign answer to a task for another language, or code, is "undetermined".
    """
    assert language.detection is not None, f"{language.name} has no detection in filters/languages"
    return _Decision(language.code, language.detection, thresholds).of(rows)


@dataclass(frozen=True)
class _Decision:
    """One language's decision. In tables, `ours` is a detector's probability of the language, `neighbour` that of its neighbour."""

    code: str
    language: Detection
    thresholds: Thresholds

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `decide`."""
        rows = windowed(rows)
        texts = self._latin_prose(rows)
        whole = pl.concat([texts, self._fasttext(texts["whole"])], how="horizontal")
        question = self._question(rows, whole)
        answer = self._answer(rows, whole)
        return pl.concat([question, answer.drop("row")], how="horizontal")

    def _latin_prose(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The beginnings of what the detectors read: `row`, `instruction`, `answer`, `whole`, `letters` (of the whole)."""
        texts = rows.select(
            "row",
            # Code goes first: cut before, a pair of backticks may lose its second half and show what it holds.
            *(prose(pl.col(field).str.head(STRIPPED)).str.head(most).alias(name) for field, most, name in FIELDS),
        )
        texts = texts.select(
            "row",
            "instruction",
            "answer",
            pl.concat_str("instruction", "input", "answer", separator=" ").str.head(READ).alias("whole"),
        )
        mixed = texts.filter(pl.any_horizontal(pl.col("whole", "answer").str.contains(self.language.foreign_script)))
        if mixed.height:
            # A few letters of another script in a Latin text are that script's matter (rule foreign_script), not its language.
            script = self.language.foreign_script
            latin = mixed.with_columns(
                pl.when(pl.col(name).str.count_matches(r"\p{Latin}") > pl.col(name).str.count_matches(script))
                .then(pl.col(name).str.replace_all(script, ""))
                .otherwise(name)
                for name in ("instruction", "answer", "whole")
            )
            texts = texts.update(latin, on="row")
        return texts.with_columns(pl.col("whole").str.count_matches(LETTER).alias("letters"))

    def _question(self, rows: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
        """`row`, `question`, `question_score`, `question_evidence`."""
        letters, limits = pl.col("letters"), self.thresholds
        script = pl.col("whole").str.count_matches(self.language.foreign_script)
        few = whole.filter(letters < SHORT).filter(script >= SCRIPT_SHORT)["row"]
        read = whole.with_columns(((letters >= SHORT) | pl.col("row").is_in(few.implode())).alias("enough"))
        doubtful = pl.col("ours").is_between(limits.foreign_below, limits.doubtful_below, closed="left")
        read = self._with_langdetect(read, "whole", doubtful & (letters >= SHORT))
        near = pl.col("neighbour") >= self._neighbour_from()
        little = (letters < DOUBTFUL_SHORT) & (pl.col("top") == self.language.fasttext)
        little |= (letters < DOUBTFUL_LONG) & (pl.col("langdetect_score") < CERTAIN)
        foreign = (pl.col("ours") < limits.foreign_below) | (pl.col("langdetect_ours") < limits.langdetect_below)
        foreign = foreign.fill_null(False) & ~(doubtful & little).fill_null(False)
        read = read.with_columns(
            near.alias("near"),
            (near & ~foreign).alias("only_near"),
            (pl.col("enough") & (foreign | near)).alias("foreign"),
        )
        read = read.join(self._instructions(rows, read), on="row", how="left", maintain_order="left")
        read = read.with_columns(pl.col("foreign_alone", "surely_not").fill_null(False))
        read = with_words(read, self.language, pl.col("foreign") | pl.col("foreign_alone"), READ)
        # A neighbour is so close that an instruction in it looks surely ours.
        spared = (pl.col("asked") | (pl.col("sure") & ~pl.col("near"))).fill_null(False)
        spared |= (pl.col("spoken") == 2) | ((pl.col("spoken") == 1) & ~pl.col("near") & ~pl.col("surely_not"))
        spared &= ~pl.col("foreign_words")
        foreign_alone = pl.col("foreign_words") | (pl.col("foreign_alone") & (pl.col("spoken") < 2))
        of_neighbour = pl.col("only_near") & pl.col("foreign") & ~spared
        return read.select(
            "row",
            pl.when((pl.col("foreign") & ~spared) | foreign_alone)
            .then(pl.lit("other"))
            .when(~pl.col("enough") | (pl.col("foreign") & ~pl.col("sure").fill_null(False)))
            .then(pl.lit("undetermined"))
            .otherwise(pl.lit(self.code))
            .alias("question"),
            _score().alias("question_score"),
            pl.when(of_neighbour)
            .then(self._evidence_of_neighbour())
            .when(pl.col("foreign_words") & (pl.col("top") == self.language.fasttext))
            .then(pl.format("words of another language: {}; {}", "foreign_word", self._evidence()))
            .when(pl.col("foreign_alone") & (pl.col("top") == self.language.fasttext))
            .then(pl.coalesce("alone_evidence", self._evidence()))
            .otherwise(self._evidence())
            .alias("question_evidence"),
        )

    def _neighbour_from(self) -> float:
        """The probability of the neighbour from which a row is in it; out of reach where there is none."""
        asked, neighbour = self.thresholds.neighbour_from, self.language.neighbour
        if neighbour is None:
            return math.inf
        return neighbour.threshold if asked is None else asked

    def _instructions(self, rows: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame:
        """The instructions by themselves, read only where the whole leaves a doubt.

        Returns `row`, `sure` (surely in the language), `asked` (asks for another language, and is not foreign itself),
        `foreign_alone` (long, and foreign to both detectors, whatever the answer is in), `surely_not` (to fastText, likely in another).
        """
        suspects = read.filter(pl.col("foreign") | (pl.col("ours") < CERTAIN)).select("row", "instruction", "foreign")
        alone = self._fasttext(suspects["instruction"]).select(
            alone="ours", alone_top="top_score", alone_language="top"
        )
        suspects = pl.concat([suspects, alone], how="horizontal")
        suspects = suspects.with_columns(pl.col("instruction").str.count_matches(LETTER).alias("long"))
        stands_out = (pl.col("alone_top") >= STANDS_OUT) & (pl.col("long") >= ANSWER_LONG)
        suspects = self._with_langdetect(
            suspects, "instruction", (pl.col("alone") < self.thresholds.answer_below) & stands_out
        )
        tasks = self._tasks(rows, suspects.filter("foreign")["row"])
        return suspects.join(tasks, on="row", how="left", maintain_order="left").select(
            "row",
            ((pl.col("alone") >= self.thresholds.doubtful_below) & (pl.col("long") >= SHORT)).alias("sure"),
            (pl.col("other_language") & (pl.col("alone") >= self.thresholds.foreign_below))
            .fill_null(False)
            .alias("asked"),
            (pl.col("langdetect_ours") < self.thresholds.langdetect_below).fill_null(False).alias("foreign_alone"),
            (
                (pl.col("alone") < self.thresholds.answer_below)
                & (pl.col("alone_top") >= LIKELY)
                & (pl.col("long") >= ANSWER_SHORT)
            ).alias("surely_not"),
            pl.format("fastText {} {} in the instruction alone", "alone_language", pl.col("alone_top").round(2)).alias(
                "alone_evidence"
            ),
        )

    def _answer(self, rows: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
        """`row`, `answer`, `answer_score`, `answer_evidence`."""
        answer = pl.col("answer")
        # Most answers of rows that are surely in the language show at a glance that they are too; the others are read.
        marked = answer.str.head(READ).str.count_matches(self.language.function_words) >= MARKERS
        texts = whole.with_columns(((pl.col("ours") >= CERTAIN) & marked).alias("known"))
        unread = texts.filter(~pl.col("known")).select("row", "answer").filter(answer.str.len_chars() >= ANSWER_SHORT)
        read = pl.concat([unread, self._fasttext(unread["answer"])], how="horizontal")
        suspects = read.filter(pl.col("ours") < self.thresholds.answer_below)
        letters = answer.str.count_matches(LETTER)
        lower = answer.str.count_matches(r"(?:^|[\s\"“¿¡(])\p{Ll}[\p{L}'’]+")
        upper = answer.str.count_matches(r"(?:^|[\s\"“¿¡(])\p{Lu}")
        stands_out = (letters >= ANSWER_LONG) | ((letters >= ANSWER_SHORT) & (pl.col("top_score") >= STANDS_OUT))
        foreign_script = answer.str.count_matches(self.language.foreign_script) >= SCRIPT_SHORT
        suspects = suspects.filter(((lower >= 2) & (lower >= upper) & stands_out) | foreign_script)
        suspects = suspects.join(self._tasks(rows, suspects["row"]), on="row", how="left", maintain_order="left")
        suspects = suspects.filter(~pl.col("other_language") & ~pl.col("code"))
        suspects = self._with_langdetect(suspects, "answer", pl.lit(True))
        unheard = (pl.col("top_score") < self.thresholds.foreign_below) & (pl.col("langdetect_score") < CERTAIN)
        suspects = suspects.filter(~(unheard & (letters < DOUBTFUL_LONG)).fill_null(False))
        foreign = suspects.filter(pl.col("langdetect_ours").fill_null(0.0) < self.thresholds.langdetect_below)["row"]
        known = texts.filter("known").select("row", "ours", "top", "top_score")
        heard = pl.concat([read.select("row", "ours", "top", "top_score"), known])
        heard = heard.join(suspects.select("row", *LANGDETECT), on="row", how="left")
        heard = texts.select("row").join(heard, on="row", how="left", maintain_order="left")
        return heard.select(
            "row",
            pl.when(pl.col("row").is_in(foreign.implode()))
            .then(pl.lit("other"))
            .when(pl.col("ours").fill_null(0.0) < self.thresholds.foreign_below)
            .then(pl.lit("undetermined"))
            .otherwise(pl.lit(self.code))
            .alias("answer"),
            _score().fill_null(0.0).alias("answer_score"),
            self._evidence().fill_null("too short to tell").alias("answer_evidence"),
        )

    def _tasks(self, rows: pl.DataFrame, chosen: pl.Series) -> pl.DataFrame:
        """What the chosen rows' tasks allow: `row`, `other_language` (asks for one), `code` (asks for code, and gets it)."""
        rows = rows.filter(pl.col("row").is_in(chosen.implode()))
        asking = pl.concat([matching(rows, QUESTION, self.language.other_language_task)["row"], given(rows)])
        unlike_prose = pl.col("output").str.contains(CODE_LOOK) | ~pl.col("output").str.contains(r"[.!?:…][\s\"»)]*$")
        coding = matching(rows, QUESTION, self.language.code_task).filter(unlike_prose)["row"]
        row = pl.col("row")
        return rows.select(
            "row", row.is_in(asking.implode()).alias("other_language"), row.is_in(coding.implode()).alias("code")
        )

    def _evidence(self) -> pl.Expr:
        """What the detectors said, such as `fastText ca 0.93 (es 0.02), langdetect ca 1.0`."""
        first = pl.format("fastText {} {}", "top", pl.col("top_score").round(2))
        label = self.language.fasttext
        probability = pl.format(f" ({label} {{}})", pl.col("ours").round(2))
        ours = pl.when(pl.col("top") == label).then(pl.lit("")).otherwise(probability)
        return pl.concat_str(first, ours, _langdetect_said())

    def _evidence_of_neighbour(self) -> pl.Expr:
        """The same where the neighbour decided, likeliest or not: `fastText gl 0.31 (es 0.51), langdetect es 1.0`."""
        neighbour = self.language.neighbour.fasttext if self.language.neighbour else ""
        probabilities = (pl.col(name).round(2) for name in ("neighbour", "ours"))
        first = pl.format(f"fastText {neighbour} {{}} ({self.language.fasttext} {{}})", *probabilities)
        return pl.concat_str(first, _langdetect_said())

    def _with_langdetect(self, rows: pl.DataFrame, text: str, where: pl.Expr) -> pl.DataFrame:
        """langdetect's view of the rows that need it; null for the others."""
        rows = rows.with_row_index("at")
        asked = rows.filter(where).select("at", text)
        heard = pl.concat([asked.select("at"), self._langdetect(asked[text].str.head(2 * READ))], how="horizontal")
        return rows.join(heard, on="at", how="left", maintain_order="left").drop("at")

    def _fasttext(self, texts: pl.Series) -> pl.DataFrame:
        """`ours`, `neighbour` (probabilities), `top` (language) and `top_score` of each text, read up to READ characters."""
        neighbour = self.language.neighbour
        beginnings = texts.str.head(READ).str.to_lowercase().to_list()
        chances = read_texts(beginnings, self.language.fasttext, neighbour.fasttext if neighbour else None)
        schema = {"ours": pl.Float64, "neighbour": pl.Float64, "top": pl.String, "top_score": pl.Float64}
        return pl.DataFrame(dict(zip(schema, chances, strict=True)), schema=schema)

    def _langdetect(self, texts: pl.Series) -> pl.DataFrame:
        """The same from langdetect: `langdetect_ours`, `langdetect_top`, `langdetect_score`; null without features."""
        chances = langdetect_chances(texts.to_list())
        columns = (
            [None if not found else dict(found).get(self.language.langdetect, 0.0) for found in chances],
            [None if not found else found[0][0] for found in chances],
            [None if not found else found[0][1] for found in chances],
        )
        return pl.DataFrame(dict(zip(LANGDETECT, columns, strict=True)), schema=LANGDETECT)


def _langdetect_said() -> pl.Expr:
    return pl.format(", langdetect {} {}", "langdetect_top", pl.col("langdetect_score").round(2)).fill_null("")


def _score() -> pl.Expr:
    return (1 - pl.min_horizontal("ours", "langdetect_ours")).round(4)
