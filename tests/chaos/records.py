"""Files of labels, scores, a model's answers, pairs and rated answers, with one value wrong or their bytes damaged."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from builders.errors import Problem
from builders.labels.file import read_labels
from builders.recipes.preferences import PairColumns, PairsFile
from builders.scores.file import read_scores
from builders.sources.answers import parse_answers
from builders.sources.preferences import read_pairs_file
from tests.chaos.campaign import mutated

HASH = "a" * 64
TURNS = [{"role": "user", "content": "¿Qué?"}, {"role": "assistant", "content": "Sí."}]
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 1e308, 10**400, "x" * 3000, "", [], {}, [[]], {"a": 1}, "NaN", "\x00", "\u202e", "drop"),
    *(["refusal"], "1e400", TURNS, [{"role": 1}], [{"from": "human", "value": ["x"]}], TURNS[:1]),
)
SOUND: dict[str, list[dict[str, Any]]] = {
    "labels": [
        {"id": "fila-1", "row_sha256": HASH, "verdict": "keep", "defects": [], "note": "", "stratum": "x", "of": 10},
        {"id": "fila-2", "row_sha256": HASH, "verdict": None},
    ],
    "pairs": [
        {"prompt": "¿Qué?", "chosen": "a", "rejected": "b", "chosen_score": 1, "rejected_score": 0.5, "id": "x"},
        {"prompt": TURNS[:1], "chosen": TURNS, "rejected": TURNS[:1]},
    ],
    "rated": [{"prompt": "¿Qué?", "answer": "a", "score": 1}, {"prompt": "¿Qué?", "answer": "b", "score": 2}],
    "answers": [{"id": "fila-1", "answer": "x", "stopped": "end", "adapter": "a", "seed": 1, "temperature": 0.5}],
    "scores": [{"format": 1, "content_sha256": HASH}, {"id": "fila-1", "row_sha256": HASH}],
}
RATED = PairsFile(columns=PairColumns(answer="answer", score="score"))
READ: dict[str, Callable[[Path], object]] = {
    "labels": read_labels,
    "pairs": lambda path: read_pairs_file(path, PairsFile()),
    "rated": lambda path: read_pairs_file(path, RATED),
    "answers": lambda path: parse_answers(path.read_bytes(), path.name),
    "scores": read_scores,
}
ENDINGS = {
    "labels": ("jsonl", "csv", "jsonl.gz"),
    "pairs": ("jsonl", "json", "csv", "jsonl.gz"),
    "rated": ("jsonl", "csv"),
}


def read_record(folder: Path, number: int) -> str:
    """Read one such file: `read` or `refused`. Anything but what it holds, or a Problem of one line, is raised."""
    chance = random.Random(number)
    kind = chance.choice(sorted(SOUND))
    rows = [dict(row) for row in SOUND[kind]]
    for _ in range(chance.choice((0, 1, 1, 2))):
        row = chance.choice(rows)
        row[chance.choice([*row, "extraña", "of", "messages"])] = chance.choice(ODD)
    ending = chance.choice(ENDINGS.get(kind, ("jsonl",)))
    data = _written(rows, ending)
    data = mutated(data, chance) if chance.random() < 0.4 else data
    path = folder / f"{kind}.{ending}"
    path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    try:
        READ[kind](path)
    except Problem as problem:
        assert "\n" not in str(problem) and len(str(problem)) < 3000, f"seed {number}: {problem}"
        return "refused"
    return "read"


def _written(rows: list[dict[str, Any]], ending: str) -> bytes:
    if ending == "csv":
        table = [list(rows[0]), *(list(row.values()) for row in rows)]
        text = "\n".join(",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in table)
        return text.encode("utf-8", "surrogatepass")
    lines = [json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") for row in rows]
    return b"[" + b",".join(lines) + b"]" if ending == "json" else b"\n".join(lines)
