"""What is bound to a language, in one room for each. Spanish is the only one that is filled.

A new language is a folder beside `spanish/` with a `LanguagePack`, named in FILLED below, and rules that name its code. A
language without a room has the rules that read no words (`ANY`) and nothing else.
"""

from filters.languages.pack import Detection, LanguagePack, Neighbour
from filters.languages.spanish import SPANISH

# The languages of Bactrian-X, as its files are named (a row has the same id in all of them).
NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "bn": "Bengali", "cs": "Czech", "de": "German",
    "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sl": "Slovenian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "xh": "Xhosa", "zh": "Chinese",
}  # fmt: skip
# Arabic letters and those of India join or part at invisible signs; Burmese, Khmer and Thai part words by one; Hebrew and
# Arabic turn the reading direction by others.
INVISIBLE_LETTERS = {
    "ar",
    "bn",
    "fa",
    "gu",
    "he",
    "hi",
    "km",
    "ml",
    "mr",
    "my",
    "ne",
    "ps",
    "si",
    "ta",
    "te",
    "th",
    "ur",
}
FILLED = {pack.code: pack for pack in (SPANISH,)}
ANY = tuple(NAMES)
UNFILLED = tuple(code for code in NAMES if code not in FILLED)


def language_pack(code: str) -> LanguagePack:
    """What is known of a language of Bactrian-X, by its code: its room, or its name alone."""
    return FILLED.get(code) or LanguagePack(code, NAMES[code], invisible_letters=code in INVISIBLE_LETTERS)


__all__ = [
    "ANY",
    "FILLED",
    "INVISIBLE_LETTERS",
    "NAMES",
    "UNFILLED",
    "Detection",
    "LanguagePack",
    "Neighbour",
    "language_pack",
]
