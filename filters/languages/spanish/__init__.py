"""What is Spanish: how the language is told, and the words and patterns of the rules, one module for each family."""

from filters.languages.pack import LanguagePack
from filters.languages.spanish.detection import DETECTION

SPANISH = LanguagePack(code="es", name="Spanish", detection=DETECTION)
