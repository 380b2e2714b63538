"""How a version is cited: BibTeX that names its repository, its tag and the hash of its rows."""

from cards.dataset.facts import CardFacts
from cards.shared.terminal import safe_line

# What TeX reads as more than itself.
TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def citation(facts: CardFacts) -> str:
    """The entry of a version. Its address is filled in by whoever publishes it (see `cards/shared/address.py`)."""
    return (
        f"@misc{{{facts.name}-{facts.version},\n"
        f"  title = {{{tex(facts.title)}}},\n"
        f'  howpublished = "unpublished, version {facts.version}",\n'
        f"  version = {{{facts.version}}},\n"
        f"  note = {{content sha256 {facts.content_sha256}}}\n"
        "}"
    )


def tex(text: str) -> str:
    """Text in one line, as TeX prints it; a block of code around it stays one."""
    return "".join(TEX.get(sign, sign) for sign in safe_line(" ".join(text.split())).replace("`", "'"))
