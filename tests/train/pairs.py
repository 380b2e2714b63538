"""A small preference version in the template of filas@1.0.0, and plans of runs on it."""

import json
from pathlib import Path

from builders.recipes.model import Card, Recipe, Split
from builders.recipes.preferences import PairsFile
from builders.versions.registry import build
from tests.train.models import TINY

PLACES = ("Chile", "Perú", "Uruguay", "Bolivia", "Ecuador", "Colombia", "Paraguay", "Panamá", "Cuba", "Honduras")
CAPITALS = (
    "Santiago",
    "Lima",
    "Montevideo",
    "Sucre",
    "Quito",
    "Bogotá",
    "Asunción",
    "Panamá",
    "La Habana",
    "Tegucigalpa",
)


def pairs_of(count: int = 10) -> list[dict[str, str]]:
    """Pairs of a whole answer and one that goes astray."""
    return [
        {
            "id": f"par-{number}",
            "prompt": f"Nombra la capital de {place}.",
            "chosen": f"La capital de {place} es la ciudad de {capital}.",
            "rejected": f"Pues la verdad es que no sabría decir cuál es, pero me gusta mucho viajar por {place} en tren.",
        }
        for number, (place, capital) in enumerate(list(zip(PLACES, CAPITALS, strict=True))[:count], 1)
    ]


def make_pairs(folder: Path, rows: list[dict[str, str]] | None = None, name: str = "pares", **changes):
    """Build pairs into folder/versions, a third of them for validation."""
    source = folder / f"{name}.jsonl"
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows or pairs_of()), "utf-8")
    settings = {"split": Split(validation=0.3), "card": Card(license="apache-2.0")} | changes
    recipe = Recipe(kind="preferences", name=name, source=PairsFile(path=str(source)), **settings)
    return build(recipe, folder / "versions").version


def planned_pairs(base: Path, registry: Path, cache: Path, adapter: Path, *overrides: str):
    """A plan for the plain engine on the CPU, on pares@1.0.0, from an adapter on."""
    from train.engines import choose
    from train.methods.dpo import make_dpo_plan
    from train.recipes.loading import load_recipe

    loaded = load_recipe("tiny", [*TINY, f"base.path={base}", *overrides])
    return make_dpo_plan(loaded, "pares@1.0.0", adapter, registry, choose("plain", "cpu"), cache)
