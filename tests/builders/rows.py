"""A small source in which every status occurs, and the version that it becomes."""

import json
from pathlib import Path

from builders.recipes.model import Card, FileSource, Recipe, Split
from builders.versions.registry import build

TORTILLA = (
    "Pela las patatas, córtalas en rodajas finas y fríelas a fuego lento en abundante aceite de oliva durante veinte "
    "minutos. Bate los huevos con una pizca de sal, mezcla todo y cuaja la tortilla por los dos lados en una sartén."
)
ROWS = [
    ("fila-1", "¿Qué es un cenote?", "", "Un pozo natural que se abre cuando se hunde el techo de una cueva."),
    ("fila-2", "Di qué lleva la merienda de Ana.", "", "La merienda de Ana lleva pan &amp; queso, y una manzana."),
    ("fila-3", "Escribe cuatro palabras que rimen con «sol».", "", "Col, gol, rol y farol son palabras que riman."),
    ("fila-4", "¿Qué tiempo hace hoy en Lugo?", "", "Lo siento, no tengo acceso a información en tiempo real."),
    ("fila-5", "Explica a una niña de seis años qué es una isla.", "", "An island is a piece of land that is surrounded by water on all sides."),
    ("fila-6", "¿qué es un cenote?", "", "Un pozo natural, que se abre cuando se hunde el techo de una cueva"),
    ("fila-7", "Explica cómo se hace una tortilla de patatas.", "", TORTILLA),
    ("fila-8", "Explica cómo se hace una tortilla de patatas.", "", TORTILLA.replace("finas", "delgadas")),
    ("fila-9", "¿Qué es un cenote?", "", "Una poza de agua dulce que abunda en la península de Yucatán."),
    ("fila-10", "Resume el texto en una frase.", "Marta perdió el tren y llegó tarde.", "Marta llegó tarde."),
    ("fila-11", "Nombra la capital de Chile.", "", "La capital de Chile es la ciudad de Santiago."),
    ("fila-12", "Ordena los números de menor a mayor.", "Siete, dos y cinco.", "El orden es dos, cinco y siete."),
]  # fmt: skip
KEPT = ["fila-1", "fila-2", "fila-3", "fila-7", "fila-10", "fila-11", "fila-12"]


def write_rows(path, rows=ROWS):
    """JSON Lines of (id, instruction, input, output)."""
    keys = ("id", "instruction", "input", "output")
    lines = [json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def small_recipe(source: Path, **changes):
    """A recipe for a small file: a third of the rows goes to validation."""
    settings = {"name": "filas", "source": FileSource(path=str(source)), "split": Split(validation=0.3)}
    settings["card"] = Card(license="apache-2.0")
    return Recipe(**(settings | changes))


def small_version(folder: Path, **changes):
    """Build the rows above from folder/filas.jsonl into folder/versions."""
    return build(small_recipe(write_rows(folder / "filas.jsonl"), **changes), folder / "versions").version
