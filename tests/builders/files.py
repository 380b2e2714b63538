"""Small rows, and files of every kind that hold them."""

import csv
import gzip
import io
import json

import polars as pl

ROWS = [
    {
        "id": "receta-1",
        "instruction": "¿Cómo se hace un gazpacho?",
        "input": "",
        "output": "Tritura tomates, pepino, pimiento y pan con aceite y vinagre.",
    },
    {
        "id": "receta-2",
        "instruction": "Resume el texto en una frase.",
        "input": "El puente se cerró el lunes por la crecida del río y reabrirá el jueves.",
        "output": "La crecida del río mantiene cerrado el puente hasta el jueves.",
    },
    {
        "id": "receta-10",
        "instruction": "Di la capital de Uruguay.",
        "input": "",
        "output": "La capital de Uruguay es Montevideo, a orillas del Río de la Plata.",
    },
    {
        "id": "receta-11",
        "instruction": "Clasifica la palabra según su acentuación.",
        "input": "murciélago",
        "output": "Es esdrújula: la sílaba tónica es la antepenúltima.",
    },
]


def as_bytes(rows, ending, **parquet_options):
    """Rows as a file with this ending holds them."""
    if ending.endswith(".gz"):
        return gzip.compress(as_bytes(rows, ending.removesuffix(".gz")))
    if ending == ".parquet":
        file = io.BytesIO()
        pl.DataFrame(rows).write_parquet(file, **parquet_options)
        return file.getvalue()
    if ending == ".csv":
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode()
    if ending == ".json":
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write_file(path, rows=ROWS):
    """Write rows as the file's name says; returns the path."""
    path.write_bytes(as_bytes(rows, "".join(path.suffixes)))
    return path
