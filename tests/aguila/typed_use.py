"""What a program that uses the library looks like to a type checker. `make lint` reads it; nothing runs it."""

from pathlib import Path
from typing import assert_type

import aguila
from aguila import Problem, build, load_recipe


def built(registry: Path) -> str:
    recipe = assert_type(load_recipe("demo", ["template=alpaca"]), aguila.Recipe)
    result = assert_type(build(recipe, registry), aguila.Result)
    version = assert_type(aguila.resolve("demo@1.0.0", registry), aguila.Version)
    checks = assert_type(aguila.verify(version, registry), aguila.Verification)
    if not all(check.ok for check in checks):
        raise Problem("it does not verify")
    return str(assert_type(result.version.number, aguila.VersionNumber))


def listed(registry: Path) -> list[str]:
    measured = [rule.name for rule in aguila.list_rules(registry).rules if rule.gold]
    return measured + [f"{one.name}@{one.version}: {one.rows}" for one in aguila.list_versions(registry)]


def trained(registry: Path) -> aguila.Adapter | None:
    engine = aguila.choose_engine("plain", "cpu")
    plan = aguila.make_plan(aguila.load_train_recipe("tiny"), "demo@1.0.0", registry, engine)
    return aguila.train(plan, Path("adapters/tiny"))


misspelt = aguila.bild  # type: ignore[attr-defined]  # no such name
build("demo", Path())  # type: ignore[arg-type]  # a recipe, not its name
