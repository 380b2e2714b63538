"""How long it takes to read and check a version's manifest: msgspec as it is used, the same shape in pydantic, and json by hand.

    python benchmarks/manifest.py [versions/demo/v1.0.0/manifest.json]

Without a file, the demo is built. Every way checks each field's type and bounds; the recipe inside is read by its own
(pydantic) model in each of them, so each way is also timed with the recipe as a plain mapping. Prints microseconds, the least of
20 rounds, and what importing and defining costs in a fresh interpreter.
"""

import json
import re
import subprocess
import sys
import tempfile
import timeit
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pydantic
from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).parent.parent))

from builders import build, load_recipe
from builders.manifest import Manifest, SourcePin
from builders.recipes.model import Recipe

ROUNDS, TIMES = 20, 100
PLAIN = {Recipe: dict[str, Any], SourcePin: dict[str, Any]}


def fields(struct: type, swap: dict[Any, Any]) -> dict[str, Any]:
    """The fields of a struct with their types, some of them swapped for others."""
    hints = get_type_hints(struct, include_extras=True)
    return {one.name: swap.get(hints[one.name], hints[one.name]) for one in msgspec.structs.fields(struct)}


def is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def in_pydantic(struct: type, swap: dict[Any, Any]) -> type[BaseModel]:
    """A struct as a frozen, strict pydantic model of the same fields and bounds."""

    def turned(kind: Any) -> Any:
        if is_struct(kind):
            return in_pydantic(kind, swap)
        origin, inside = get_origin(kind), get_args(kind)
        if origin is Annotated:
            meta = {name: getattr(inside[1], name) for name in ("ge", "le", "pattern", "max_length")}
            given = {name: value for name, value in meta.items() if value is not None}
            if "pattern" in given:  # what Python calls \Z is \z to pydantic's own engine
                given["pattern"] = given["pattern"].replace(r"\Z", r"\z")
            return Annotated[turned(inside[0]), pydantic.Field(**given)]
        return origin[tuple(one if one is ... else turned(one) for one in inside)] if origin else kind

    config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True)
    typed = {name: (turned(kind), ...) for name, kind in fields(struct, swap).items()}
    return pydantic.create_model(struct.__name__, __config__=config, **typed)


def by_hand(value: Any, kind: Any, swap: dict[Any, Any], known: dict[type, dict[str, Any]]) -> Any:
    """Check a value of `json.loads` as hand-written code would; structs become mappings. Raises ValueError."""
    if is_struct(kind):
        if kind not in known:
            known[kind] = fields(kind, swap)
        if not isinstance(value, dict) or value.keys() != known[kind].keys():
            raise ValueError(f"not a {kind.__name__}")
        return {name: by_hand(value[name], of, swap, known) for name, of in known[kind].items()}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_validate(value)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        value, meta = by_hand(value, inside[0], swap, known), inside[1]
        if (meta.pattern and not re.search(meta.pattern, value)) or (meta.max_length and len(value) > meta.max_length):
            raise ValueError(f"{value!r} does not fit")
        if (meta.ge is not None and value < meta.ge) or (meta.le is not None and value > meta.le):
            raise ValueError(f"{value!r} is out of bounds")
        return value
    if origin is dict and inside[1] is not Any:
        return {by_hand(k, inside[0], swap, known): by_hand(v, inside[1], swap, known) for k, v in value.items()}
    if origin is tuple:
        return tuple(by_hand(one, inside[0], swap, known) for one in value)
    if origin in (Union, UnionType):
        return value
    if not isinstance(value, (int, float) if kind is float else origin or kind) or (
        isinstance(value, bool) and kind is int
    ):
        raise ValueError(f"{value!r} is no {kind}")
    return value


def least(read: Any) -> float:
    """Microseconds of one call, the least of many rounds."""
    return min(timeit.repeat(read, number=TIMES, repeat=ROUNDS)) / TIMES * 1e6


def fresh(code: str) -> float:
    """Milliseconds that code takes in a fresh interpreter, without the interpreter's own start; the least of 10."""
    timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
    run = [sys.executable, "-c", timed]
    return min(float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(10)) * 1e3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = sys.argv[1:] or [str(build(load_recipe("demo"), Path(folder)).version.path / "manifest.json")]
        data = Path(given[0]).read_bytes()
    print(f"a manifest of {len(data):,} bytes, {ROUNDS} rounds of {TIMES}")
    for what, swap in (("with the recipe's model", {}), ("recipe as a mapping", PLAIN)):
        pydantic_model, known = in_pydantic(Manifest, swap), {}
        struct = msgspec.defstruct("M", list(fields(Manifest, swap).items()), frozen=True, forbid_unknown_fields=True)
        ways = {
            "msgspec": lambda of=struct: msgspec.json.decode(data, type=of, dec_hook=lambda k, v: k.model_validate(v)),
            "pydantic": lambda of=pydantic_model: of.model_validate_json(data),
            "json and checks": lambda of=struct, swap=swap, known=known: by_hand(json.loads(data), of, swap, known),
            "json, unchecked": lambda: json.loads(data),
        }
        print(what, *(f"  {name:<16} {least(read):8.0f} µs" for name, read in ways.items()), sep="\n")
    start = timeit.default_timer()
    in_pydantic(Manifest, {})
    print(f"defining the shape in pydantic {(timeit.default_timer() - start) * 1e3:.1f} ms")
    for module, use in (("msgspec", "msgspec"), ("pydantic", "pydantic.BaseModel")):
        print(f"import {module:<10} {fresh(f'import {module}; {use}'):6.1f} ms")


if __name__ == "__main__":
    main()
