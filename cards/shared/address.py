"""Where a card says that a version is found: its folder as it is built, its repository once it is published.

Only what stands between these marks is addressed:

<!-- aguila:address -->
…
<!-- /aguila:address -->

A build writes names that hold wherever a version is built (`HERE`); publishing puts those of the repository in their places
(`THERE`). What is vouched for is everything else there, and the number.
"""

import re
from collections.abc import Sequence

OPEN, CLOSE = "<!-- aguila:address -->", "<!-- /aguila:address -->"
BLOCK = re.compile(f"(?<={re.escape(OPEN)}).*?(?={re.escape(CLOSE)})", re.S)

# How a dataset's card speaks of a version: in code, in a command, and where one asks about it.
DATASET = (
    ('"versions/{name}/v{number}"', '"{repo}", revision="v{number}"'),
    (" {name}@{number} ", " {repo}@v{number} "),
    (
        'howpublished = "unpublished, version {number}"',
        'howpublished = "https://huggingface.co/datasets/{repo}/tree/v{number}"',
    ),
    (
        "the discussions of the repository where it is published",
        "the [discussions](https://huggingface.co/datasets/{repo}/discussions) of this repository",
    ),
)
# How the card of an adapter, or of a merged model, does.
MODEL = (
    ('adapter = "."  # where this card lies', 'adapter = "{repo}"'),
    ('name = "."  # where this card lies', 'name = "{repo}"'),
    ("`aguila generate . ", "`aguila generate {repo}@v{number} "),
    (
        "the discussions of the repository where it is published",
        "the [discussions](https://huggingface.co/{repo}/discussions) of this repository",
    ),
)
Places = Sequence[tuple[str, str]]
# What may stand for each part of an address.
PARTS = {"name": r"[\w.-]+", "repo": r"[\w.-]+/[\w.-]+", "number": r"\d+\.\d+\.\d+"}


def published(card: str, places: Places, name: str, number: str, repo: str) -> str:
    """The card as it is published: with the repository wherever it speaks of where it is found."""
    for here, there in places:
        card = _within(card, re.escape(here.format(name=name, number=number)), there.format(repo=repo, number=number))
    return card


def as_built(card: str, places: Places, name: str, number: str) -> str:
    """The card as it was built, whatever repository it names. An address of another number stays."""
    for here, there in places:
        card = _within(card, _pattern(there, number=re.escape(number)), here.format(name=name, number=number))
    return card


def blocks(card: str) -> list[str]:
    """What stands between the marks."""
    return BLOCK.findall(card, 0, _end(card))


def without_addresses(card: str) -> str:
    """The card with nothing between the marks that depends on where it is found."""
    for places in (MODEL, DATASET):  # a command of the one is one of the other with more words
        for here, there in places:
            card = _within(card, f"{_pattern(here)}|{_pattern(there)}", " … ")
    return card


def _within(card: str, pattern: str, text: str) -> str:
    """The card with a text for whatever a pattern finds between the marks."""
    end = _end(card)
    return BLOCK.sub(lambda block: re.sub(pattern, lambda found: text, block[0]), card[:end]) + card[end:]


def _end(card: str) -> int:
    """Where the last block ends: beyond, a search would go to the card's end from each mark that opens."""
    return card.rfind(CLOSE) + len(CLOSE) if CLOSE in card else 0


def _pattern(form: str, **parts: str) -> str:
    """A regular expression of a form of address. parts: what stands for its parts, if not anything that may."""
    known = {**PARTS, **parts}
    return re.sub(r"\\\{(\w+)\\\}", lambda part: f"(?:{known[part[1]]})", re.escape(form))
