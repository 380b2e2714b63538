"""What numbers say in an English text and in its Spanish translation, whatever the custom of writing them.

Lenient on purpose: a numeral counts as kept if any of its readings is in the translation, as a numeral, a word, an
ordinal, a Roman numeral, a month, a fraction, a decade, an hour, or a measure in another unit.
"""

import re
from collections import Counter
from collections.abc import Iterable, Set
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from filters.languages.number_words import NumberWords
from filters.languages.spanish.numerals import HUNDREDTHS, METRIC_UNIT, SPANISH_NUMBERS
from filters.normal_form import normal_form
from filters.text import URL

UNACCENTED = str.maketrans("áéíóúÁÉÍÓÚ", "aeiouAEIOU")
# Bounded: a thousand digits in a row are no number, and would be no float.
NUMERAL = re.compile(
    r"[0-9]{1,5} [1-9]/[2-9](?![0-9/])|[0-9]{1,3}(?: [0-9]{3}){1,6}(?:[.,][0-9]{1,30})?(?![0-9])|[0-9]{1,30}(?:[.,][0-9]{1,30}){0,5}"
)

ENGLISH_NUMBERS = NumberWords(
    ones="zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    tens="twenty thirty forty fifty sixty seventy eighty ninety",
    months="january february march april may june july august september october november december",
    ordinals="first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    scales={
        "hundred": 10**2,
        "thousand": 10**3,
        "k": 10**3,
        "million": 10**6,
        "m": 10**6,
        "billion": 10**9,
        "bn": 10**9,
    }
    | {"trillion": 10**12, "dozen": 12},
    joint="and",
    said="half:1,2 halves:2 third:3,1 thirds:3 quarter:4,1 quarters:4 fourth:4,1 twice:2 double:2 doubled:2 triple:3 "
    "quadruple:4 pair:2 both:2 couple:2 trio:3 decade:10 dozen:12 century:100 percent:100 noon:12 midnight:12,0 "
    "fortnight:14,15,2 biweekly:2",
    decade_after=r"['’]?s\b",
)
JOINTS = (SPANISH_NUMBERS.joint, ENGLISH_NUMBERS.joint)

ROMAN = re.compile(r"\b(?=[IVXLC])(?:X[CL]|L?X{0,3}|C{1,3}(?:X[CL]|L?X{0,3}))(?:I[XV]|V?I{0,3})\b")
IMPERIAL = re.compile(
    r"(?: 1/[248])?\s?-?(?:sq(?:uare)?\.? )?(?:inch(?:es)?|in\b|feet|foot|ft\b|miles?\b|mi\b|mph|pounds?|lbs?\b|ounces?|oz\b|gallons?|yards?|yd\b|acres?|cups?|°\s?F|degrees|fahrenheit|[\"'”″′])",
    re.IGNORECASE,
)
METRIC = re.compile(r"[0-9]\s?(?:k?m|[cm]m|k?g|m?l|ha|km/h|km2|m2|°\s?C)\b|met(?:er|re)s?\b|hectares?\b")
# Inches, feet, yards, miles, pounds, ounces, gallons, acres, cups, square miles: into metric units of several sizes.
COMPARED = 200  # numbers of one text that are tried as measures against those of the other
FACTORS = (2.54, 0.0254, 30.48, 0.3048, 0.9144, 1.609, 0.4536, 453.6, 28.35, 3.785, 0.4047, 240.0, 250.0, 0.24, 2.59)


def _plain(text: str) -> str:
    text = re.sub(rf"&#?\w{{1,8}};|{URL}|[^\s@]{{1,64}}@[^\s@]{{1,64}}\.\w+|(?<=[0-9])(?=[¹²³⁰-₉½¼¾⅐-⅞])", " ", text)
    return normal_form("NFKC", text).replace("\u2044", "/")


@lru_cache(maxsize=1 << 16)
def _numeral(token: str) -> tuple[frozenset[Fraction], frozenset[Fraction]]:
    """What a numeral can mean ("1.500" is one and a half or fifteen hundred, by country), and its groups of digits."""
    if "/" in token:  # "6 1/2"
        one, above, below = map(Fraction, re.split("[ /]", token))
        return frozenset({one + above / below}), frozenset({one, above, below})
    whole = token.replace(" ", "")
    forms = {whole.replace(",", ""), whole.replace(".", "").replace(",", ".")}
    parts = frozenset(Fraction(part) for part in re.split(r"[., ]", token))
    return frozenset(Fraction(form) for form in forms if form.count(".") <= 1), parts


class Numeral(NamedTuple):
    """A number in digits: as it stands, what it can mean, its groups of digits, and the text that follows."""

    text: str
    readings: frozenset[Fraction]
    parts: frozenset[Fraction]
    after: str

    def within(self, pool: Set[Fraction]) -> bool:
        """Does one of its readings, or each of its groups, stand in a pool of values?"""
        return not self.readings.isdisjoint(pool) or self.parts <= pool


def _numerals(text: str, words: NumberWords) -> list[Numeral]:
    found = []
    for match in NUMERAL.finditer(text):
        plain, parts = _numeral(match[0])
        readings = plain
        before, after = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 25]
        scale = re.match(r"\s?-?(?:de )?([a-zA-Z]+)(?:\s(millon|billon)\w*)?", after.translate(UNACCENTED))
        if scale and (factor := words.scales.get(scale[1].lower())):
            readings |= {one * factor for one in plain}
            if scale[2]:  # "mil millones"
                readings |= {one * factor * SPANISH_NUMBERS.scales[scale[2]] for one in plain}
        if re.match(words.decade_after, after) or re.search(rf"(?:{words.decade_before}) $", before):
            readings |= {one % 100 for one in plain} | {1900 + one % 100 for one in plain}
        if re.match(r"(?::[0-9]{2})?\s?[pP]\.?\s?[mM]\b", after):
            readings |= {one + 12 for one in plain}
        found.append(Numeral(match[0], readings, parts, after))
    return found


def _pool(numerals: list[Numeral]) -> set[Fraction]:
    return {value for numeral in numerals for value in (*numeral.readings, *numeral.parts)}


def _written(text: str, words: NumberWords) -> tuple[set[Fraction], set[Fraction]]:
    """Values of the number words of a text: those of cardinals, and those that other words may stand for."""
    cardinals, scales, hints = words.cardinals, words.scales, words.hints
    said, hinted = set(), {1}
    total = run = 0
    for word in [*re.findall(r"[a-zñ]+|[^\sa-zñ\-]", text.lower().translate(UNACCENTED)), "."]:
        hinted.update(hints.get(word, ()))
        if word in cardinals:
            run += cardinals[word]
            said.add(cardinals[word])
            hinted.add(run)
        elif word in scales and word not in ("m", "k"):
            run = max(run, 1) * scales[word]
            hinted.add(run)
            if scales[word] > 100:
                total, run = total + run, 0
            hinted.add(total + run)
        elif word not in JOINTS:
            hinted.add(total + run)
            total = run = 0
    for word in re.findall(r"\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-(\w+)", text.lower()):
        said.discard(cardinals.get(word, -1))
    hinted.update(_roman(match[0]) for match in ROMAN.finditer(text) if match[0])
    return {Fraction(one) for one in said}, {Fraction(one) for one in hinted | said}


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in numeral]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def changes(english: str, spanish: str) -> tuple[float, str] | None:
    """What became of an English text's numbers in its translation: a score and `lost → added`, or None.

    Score: 0.8 and more where one is lost and another appears, else 0.5 to 0.75 by the share that is lost.
    """
    english, spanish = _plain(english), _plain(spanish)
    had, has = _numerals(english, ENGLISH_NUMBERS), _numerals(spanish, SPANISH_NUMBERS)
    pool_en, pool_es = _pool(had), _pool(has)
    if all(one.within(pool_es) for one in had) and all(one.within(pool_en) for one in has):
        return None
    said, hinted = _written(english, ENGLISH_NUMBERS)
    pool_en |= hinted
    pool_es |= _written(spanish, SPANISH_NUMBERS)[1]
    lost = [one for one in had if not one.within(pool_es)]
    if METRIC.search(english):  # an imperial measure beside the metric one may go, and nothing is lost
        lost = [one for one in lost if not IMPERIAL.match(one.after)]
    added = [one for one in has if not one.within(pool_en)]
    missing = _texts(one for one in lost[:COMPARED] if not any(_converted(one, other) for other in added[:COMPARED]))
    appeared = _texts(other for other in added[:COMPARED] if not any(_converted(one, other) for one in had[:COMPARED]))
    if not missing and appeared:  # "five" became "6", or one of two equal numbers became another
        missing = [str(one) for one in sorted(said - pool_es) if one > 1] or _fewer(had, has)
    if not missing and not appeared:
        return None
    share = min(1.0, len(missing) / max(1, len(_texts(had))))
    score = 0.8 + 0.2 * share if missing and appeared else 0.5 + 0.25 * share
    return score, f"{', '.join(missing) or '∅'} → {', '.join(appeared) or '∅'}"


def _texts(numerals: Iterable[Numeral]) -> list[str]:
    return list(dict.fromkeys(one.text for one in numerals))


def _fewer(had: list[Numeral], has: list[Numeral]) -> list[str]:
    """Numerals that stand less often than they did."""
    before, now = (Counter(one.parts for one in numerals) for numerals in (had, has))
    return _texts(one for one in had if before[one.parts] > now[one.parts])


def _converted(one: Numeral, other: Numeral) -> bool:
    """Is an English measure a Spanish one in another unit?"""
    pairs = [(float(value), float(result)) for value in one.readings for result in other.readings]
    if IMPERIAL.match(one.after) and METRIC_UNIT.match(other.after):
        return any(
            _alike(value * factor, result) or _alike((value - 32) * 5 / 9, result)
            for value, result in pairs
            for factor in FACTORS
        )
    cents = HUNDREDTHS.match(other.after)
    return cents is not None and any(_alike(100 * value, result) for value, result in pairs)


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= 0.03 * max(abs(one), abs(other), 0.1)
