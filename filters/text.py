"""Expressions that several rules share, whatever the language: what is asked, what looks like code, what of a text is prose."""

import polars as pl

QUESTION = pl.concat_str("instruction", pl.lit("\n"), "input")

URL = r"(?:https?://|www\.)[^\s<>\"')\]]+"

# Code by its look: fences, tags, statements, calls, operators that prose does not use.
CODE_LOOK = (
    r"```|</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|(?m)^\s*(?:def|class|import|from|function|const|let|var|public|private|#include|SELECT|INSERT|UPDATE|CREATE|"
    r"while|for|if|return|print|echo|sudo)\b.*[({;:=*]|\w\(\)|[=!]==?|=>|->|\{\{|&&|\|\||;\s*$"
)


def normalized(field: pl.Expr) -> pl.Expr:
    """Lower-case words separated by single spaces, punctuation gone, numbers and accents kept."""
    return field.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def prose(field: pl.Expr) -> pl.Expr:
    """The text without what has no language: code, tags, placeholders, formulas, addresses, numbers, symbols."""
    text = field.str.replace_all(
        r"(?s)```.*?(?:```|\z)|\$\$.*?\$\$|\\\((?:[^\\]|\\[^(])*?\\\)|\\\[(?:[^\\]|\\[^\[])*?\\\]", " "
    )
    text = text.str.replace_all(r"\$[^$\n]*[\\^_{}=][^$\n]*\$", " ")
    text = text.str.replace_all(r"`[^`\n]*`|\{\{[^{}\n]*\}\}|<[^<>\n]{1,200}>|" + URL + r"|\S+@\S+\.\S+", " ")
    return text.str.replace_all(r"[\d_=+*/\\|#~^$%&@{}\[\]<>]+|\s+", " ").str.strip_chars()
