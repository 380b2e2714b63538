"""What the words of a row say about its language without a detector.

A detector weighs characters, so names, numbers and titles may outweigh a plain short instruction. Words that a language has and
its neighbours have not say the same as a reader would; they were counted on instructions in ten languages.
"""

import polars as pl

from filters.languages import Detection
from filters.text import QUESTION

QUOTED = r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|«[^»\n]{1,300}»"  # what stands in quotes may be in any language
# An English title, whose little words are not the row's: "On the Babylonian Captivity of the Church".
TITLE = r"\b\p{Lu}[\p{L}'’]*(?:\s\p{Lu}[\p{L}'’]*)*(?:(?:\s(?:of|and|in|on|for|to|with|from|the|a|an)){1,2}(?:\s\p{Lu}[\p{L}'’]*)+)+"
GIVEN_WORDS = 3  # words that an answer takes from its question, from which it works on it
SHORT_ROW = 60  # letters of a row whose few words are all there is to go by


def with_words(texts: pl.DataFrame, language: Detection, doubted: pl.Expr, read: int) -> pl.DataFrame:
    """`texts` (`row`, `instruction`, `answer` (prose), `letters` of the row) with what their words say.

    `spoken`: 2 if the instruction is in the language by its words, 1 if it may be (a detector that is sure of another one
    is to be believed), else 0, and 0 without reading where the row is not `doubted`; `foreign_words`: the instruction has words of
    other languages and none of this one; `foreign_word`: the first of them. read: characters of prose that a detector reads.
    """
    said = _unquoted(pl.col("instruction"))
    padded = pl.concat_str(pl.lit(" "), said, pl.lit(" "))
    # To count words costs a hundred times more than to see that one of the commonest is there, which is all that most rows need.
    plain = ~padded.str.contains_any(list(language.own_hints), ascii_case_insensitive=True)
    unread = texts.filter(doubted | plain).select("row", "answer", "letters", said.alias("said"))
    counted = _judged(unread, language, read)
    return texts.join(counted, on="row", how="left", maintain_order="left").with_columns(
        pl.col("spoken").fill_null(0), pl.col("foreign_words").fill_null(False), pl.col("foreign_word").fill_null("")
    )


def given(rows: pl.DataFrame) -> pl.Series:
    """The `row` of those whose answer takes most of its words from a question that quotes: what it works on is in another language
    already."""
    words, given = (text.str.to_lowercase().str.extract_all(r"\p{L}+") for text in (pl.col("output"), QUESTION))
    quoting = rows.filter(QUESTION.str.contains_any(['"', "“", "«"])).select(
        "row", words.list.unique().alias("words"), given.alias("given")
    )
    known = pl.col("words").list.set_intersection("given").list.len()
    return quoting.filter((known >= GIVEN_WORDS) & (known >= 0.6 * pl.col("words").list.len()))["row"]


def _unquoted(text: pl.Expr) -> pl.Expr:
    quoted = text.str.contains_any(['"', "“", "«"])
    return pl.when(quoted).then(text.str.replace_all(QUOTED, " ")).otherwise(text)


def _judged(texts: pl.DataFrame, language: Detection, read: int) -> pl.DataFrame:
    """`row`, `spoken`, `foreign_words`, `foreign_word` (see `with_words`) of texts: `row`, `answer`, `letters`, `said`.

    What is counted becomes a column, for an expression is computed wherever it is used; the words of the whole row are counted
    where they can decide.
    """
    said, letters = pl.col("said"), pl.col("letters")
    texts = texts.with_columns(
        said.str.count_matches(language.own_words).alias("ours"),
        said.str.replace_all(TITLE, " ").str.count_matches(language.other_words).alias("theirs"),
    )
    ours, theirs, row_ours, row_theirs = (pl.col(name) for name in ("ours", "theirs", "row_ours", "row_theirs"))
    row = pl.concat_str("said", "answer", separator=" ").str.head(4 * read)
    little = texts.filter(((letters < SHORT_ROW) & (theirs == 0)) | ((theirs == 1) & (ours == 0))).select(
        "row",
        row.str.count_matches(language.own_words).alias("row_ours"),
        row.str.count_matches(language.other_words).alias("row_theirs"),
        row.str.contains(language.function_words).alias("joined"),
    )
    texts = texts.join(little, on="row", how="left", maintain_order="left")
    short = ((letters < SHORT_ROW) & (theirs == 0) & (row_theirs == 0) & (row_ours >= 1)).fill_null(False)
    plain = (ours >= 3) | ((ours == 2) & said.str.contains("¿", literal=True))
    plain = (plain & (ours >= 3 * theirs)) | (short & (ours >= 1) & pl.col("joined"))
    spoken = pl.when(plain).then(2).when((ours.is_between(1, 2) & (theirs == 0)) | short).then(1).otherwise(0)
    alone = ((theirs == 1) & (row_theirs >= 3) & (row_ours == 0)).fill_null(False)
    texts = texts.with_columns(spoken.alias("spoken"), ((ours == 0) & ((theirs >= 2) | alone)).alias("foreign_words"))
    first = texts.filter("foreign_words").select("row", said.str.extract(language.other_words, 0).alias("foreign_word"))
    return texts.join(first, on="row", how="left", maintain_order="left").select(
        "row", "spoken", "foreign_words", "foreign_word"
    )
