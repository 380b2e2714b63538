"""Sums that can be checked."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from filters.languages import ANY
from filters.rule import Example, findings_by_row, rule

NUMBER = r"\d+(?:[.,]\d+)*"
# A chain of operations and its result, with nothing before or after it that would belong to a longer expression. Two
# patterns, the first without a way back: where no result follows, no part of the chain is tried again.
CHAIN = re.compile(r"(?<![\w.,+\-−–×*·÷/^=(%√])\d++(?:[.,]\d++)*+(?:\s*+[+\-−–×x*·÷/]\s*+\d++(?:[.,]\d++)*+)++")
RESULT = re.compile(rf"\s*=\s*(?P<right>[-−]?{NUMBER})(?!\s*[+\-−–×x*·÷/^%(!√]|\w|[.,]\d)")
LONGEST = 400  # characters of a chain and its result: no lesson has a longer one, and exact fractions of more take long
OPERATOR = re.compile(r"\s*([+\-*/])\s*")
SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "x": "*", "·": "*", "÷": "/"})


def _readings(text: str) -> set[Any]:
    """What a numeral can mean: "1.500" is one and a half or fifteen hundred, by country. Whole ones are int, which is fast, others Fraction."""
    sign = -1 if text[0] in "-−" else 1
    text = text.lstrip("-−")
    if "." not in text and "," not in text:
        return {sign * int(text)}
    forms = {text.replace(",", ""), text.replace(".", "").replace(",", ".")}
    return {sign * Fraction(form) for form in forms if form.count(".") <= 1}


def _decimals(text: str) -> int:
    return len(re.split(r"[.,]", text)[-1]) if re.search(r"[.,]", text) else 0


def _values(left: str) -> set[Any]:
    """Every value of a chain, products before sums, for the readings of its numerals."""
    parts = OPERATOR.split(left.translate(SIGNS))
    readings = [sorted(_readings(part)) for part in parts[::2]]
    results = set()
    for reading in range(max(map(len, readings))):
        numbers = [some[-reading % len(some)] for some in readings]
        total, term, sign = 0, numbers[0], 1
        for operator, number in zip(parts[1::2], numbers[1:], strict=True):
            if operator == "*":
                term *= number
            elif operator == "/":
                if number == 0:
                    return set()
                term = Fraction(term) / number
            else:
                total, term, sign = total + sign * term, number, 1 if operator == "+" else -1
        results.add(total + sign * term)
    return results


def _check(row: Mapping[str, str]) -> tuple[float, str] | None:
    text = row["output"]
    for chain in CHAIN.finditer(text):
        left, result = chain[0], RESULT.match(text, chain.end())
        if not result or result.end() - chain.start() > LONGEST:
            continue
        values = _values(left)
        # A result may be rounded to the digits that it shows, or to a whole number.
        slack = Fraction(6, 10) / 10 ** _decimals(result["right"])
        near = {abs(value - shown) for value in values for shown in _readings(result["right"])}
        rounded = any(sign in left.translate(SIGNS) for sign in "/,.")
        if near and min(near) > (slack if rounded else 0):
            return 1.0, left + result[0]
    return None


@rule(
    defect=23,
    languages=ANY,
    fields=("output",),
    verdict="flag",
    caught=[
        Example("¿Cuánto es doce por ocho?", "12 × 8 = 98"),
        Example("Suma.", "Sumamos: 15 + 27 = 43 euros."),
        Example("Divide 90 entre 4.", "90 / 4 = 20"),
    ],
    spared=[
        Example("¿Cuánto es doce por ocho?", "12 × 8 = 96"),
        Example("Suma.", "2 + 3 + 4 = 9, y 10 / 3 = 3,33."),
        Example("¿Cuánto es 1.500 más 500?", "1.500 + 500 = 2.000"),
        Example("¿Cuánto es dos y medio más dos y medio?", "2.5 + 2.5 = 5"),
        Example("Resuelve.", "2x + 3 = 7, luego x = 2"),
    ],
)
def wrong_arithmetic(rows: pl.DataFrame) -> pl.DataFrame:
    """A calculation that the answer spells out is wrong.

    Source: defect 23 of the table. Only plain chains of + − × ÷ are checked, exactly, with both readings of "1.500" and
    with rounding allowed where the left side divides or has decimals. A calculation of over 400 characters is not checked.
    """
    candidates = (
        rows.filter(pl.col("output").str.contains("=", literal=True))
        .filter(pl.col("output").str.contains(r"\d\s*[+\-−–×x*·÷/]\s*\d[^=\n]{0,60}=\s*[-−]?\d"))
        .select("row", "output")
    )
    return findings_by_row(candidates, _check)
