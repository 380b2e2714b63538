"""langdetect (Shuyo 2010), by the port where it is installed."""

from collections.abc import Sequence
from importlib.util import find_spec


def langdetect_chances(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """langdetect's (language, probability) pairs for each text, likeliest first; empty for a text without features.

    Runs on langdetect-rs where it is installed (a port that gives the same numbers, on all cores), else on langdetect.
    """
    if find_spec("langdetect_rs"):
        return _chances_rs(texts)
    return chances_python(texts)


def _chances_rs(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    import langdetect_rs

    # The detector draws random numbers; a fixed seed per text makes it a function.
    langdetect_rs.DetectorFactory.seed = 0
    return [[(one.lang, one.prob) for one in found or []] for found in langdetect_rs.detect_langs_batch(list(texts))]


def chances_python(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The same by the original, in Python."""
    import langdetect

    langdetect.DetectorFactory.seed = 0
    chances = []
    for text in texts:
        try:
            chances.append([(one.lang, one.prob) for one in langdetect.detect_langs(text)])
        except langdetect.lang_detect_exception.LangDetectException:
            chances.append([])  # no features: the library's word for a text without letters
    return chances
