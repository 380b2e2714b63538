"""A tokenizer to count real tokens with: a `tokenizer.json` on disk or of a model on the Hub."""

from pathlib import Path
from typing import TYPE_CHECKING

from builders.errors import Invalid, NotFound
from builders.hub.client import Advice, in_words
from builders.hub.files import downloaded

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = "tokenizer.json"


def load_tokenizer(place: str) -> "Tokenizer":
    """The tokenizer of a `tokenizer.json`, of a folder that holds one, or of OWNER/NAME[@REVISION] on the Hub.

    Only that file is read: it is data, no code of a repository runs. Raises Problem when there is none or it is broken.
    """
    from tokenizers import Tokenizer

    path = _path(place)
    try:
        tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception for whatever it cannot read
        raise Invalid(
            f"--tokenizer {place}: {path.name} is no tokenizer that can be read ({error}); give another"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _path(place: str) -> Path:
    path = Path(place)
    if path.is_file():
        return path
    if path.is_dir():
        if not (path / FILE).is_file():
            raise NotFound(
                f"--tokenizer {place}: the folder has no {FILE}; save a fast tokenizer there, or name the file"
            )
        return path / FILE
    repo, _, revision = place.partition("@")
    if place.startswith((".", "/")) or repo.count("/") != 1:
        raise NotFound(f"--tokenizer {place}: no such file or folder, and not OWNER/NAME on the Hub; check the name")
    advice = Advice(entry=f"the repository has no {FILE}; name one with a fast tokenizer", revision="no such revision")
    with in_words(place, FILE, advice):
        return downloaded(repo, FILE, "model", revision or None)
