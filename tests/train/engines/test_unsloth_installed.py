"""Trap C: pip alone resolves unsloth to an older release and to another build of torch. What is here is what is pinned."""

import re
from importlib import metadata
from pathlib import Path

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from tests.train.models import needs_unsloth
from train.engines import INSTALL

ROOT = Path(__file__).parents[3]


def pins(name):
    """The exact versions that a requirements file names."""
    lines = [line for line in (ROOT / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(re.fullmatch(r"([\w.-]+)==([\w.]+)", line.split(" ;")[0]).groups() for line in lines)


@needs_unsloth
def test_unsloth_and_its_companions_are_the_pinned_ones():
    wanted = pins("train/unsloth.txt")

    assert {"unsloth", "unsloth_zoo"} <= wanted.keys()
    assert {name: metadata.version(name) for name in wanted} == wanted


@needs_unsloth
def test_unsloth_did_not_replace_what_the_trainer_needs():
    wanted = {
        name: version for name, version in pins("constraints.txt").items() if name in ("torch", "transformers", "peft")
    }

    assert len(wanted) == 3
    assert {name: metadata.version(name).split("+")[0] for name in wanted} == wanted


def test_nobody_is_told_to_let_pip_resolve_it():
    assert "--no-deps -r train/unsloth.txt" in INSTALL["unsloth"]
    for name in ("Makefile", "docs/howto.md", "train/README.md"):
        text = (ROOT / name).read_text("utf-8")
        assert "--no-deps -r train/unsloth.txt" in text and not re.search(
            r"install (?!--no-deps)[^\n`]*unsloth", text
        ), name
