"""`aguila rules`: the rules, how good they are, what they did in the last build."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option, labels_option, registry_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import table, tables

if TYPE_CHECKING:
    from cards.shared.records import Measure, RuleCounts


@command("rules", "aguila rules\naguila rules --labels labels.jsonl --of mix@1.0.0")
@labels_option
@click.option("--of", metavar="REF", help="The version that the labels are of (default: the last build).")
@registry_option
@json_option
def rules(labels: Path | None, of: str | None, registry: Path, as_json: bool) -> None:
    """List the rules: version, verdict, precision and recall on the gold rows, drops in the last build.

    With --labels: precision and recall on the rows that people judged, with 95 % intervals.
    """
    if of and labels is None:
        raise click.UsageError("--of says which version the labels are of; it goes with --labels.")
    if labels is not None:
        measured_on_labels(labels, of, registry, as_json)
        return
    listing = aguila.list_rules(registry)
    if as_json:
        print_json({"rules": [to_dict(rule) for rule in listing.rules], "last_build": listing.last_build})
        return
    table(
        ["rule", "v", "languages", "verdict", "from", "precision", "recall", "last build", "reason"],
        [
            [
                *(rule.name, rule.version, languages(rule.languages), rule.verdict, rule.threshold),
                *measured(rule.gold),
                acted(rule.last_build),
                rule.reason,
            ]
            for rule in listing.rules
        ],
    )
    note(f"Precision and recall on the gold rows (right/all). Last build: {listing.last_build or 'none'}.")


def measured_on_labels(labels: Path, of: str | None, registry: Path, as_json: bool) -> None:
    """What labels say of the rules in a version."""
    from cards.audit.evidence import evidence_tables

    version = aguila.resolve(of, registry) if of else aguila.last_built(registry)
    if version is None:
        raise aguila.NotFound(f"no version in {registry} that the labels could be of", "name one with --of REF")
    found = aguila.evidence(version, aguila.read_labels(labels))
    if as_json:
        print_json({"version": version.label, "evidence": found})
        return
    tables([one for one in evidence_tables(found) if one.rows])
    note(f"Version: {version.label}.")


def to_dict(rule: "aguila.ListedRule") -> dict[str, object]:
    """A rule as `--json` shows it."""
    from builders.records import plain

    gold = rule.gold
    return {
        "rule": rule.name,
        **{key: getattr(rule, key) for key in ("version", "defect", "verdict", "threshold")},
        "fields": list(rule.fields),
        "languages": list(rule.languages),
        "reason": rule.reason,
        "gold": gold and {**plain(gold), "precision": gold.precision, "recall": gold.recall},
        "last_build": plain(rule.last_build),
    }


def languages(codes: tuple[str, ...]) -> str:
    """Which languages a rule is for: `es`, `any`, `any but es`."""
    from filters.languages import ANY

    others = [code for code in ANY if code not in codes]
    if len(others) >= len(codes):
        return ", ".join(codes)
    return f"any but {', '.join(others)}" if others else "any"


def measured(gold: "Measure | None") -> tuple[str, str]:
    """Precision and recall of a rule; of one without gold rows, that it has none."""
    if gold is None:
        return "not measured", "not measured"
    right, wrong, missed = gold.true_positives, gold.false_positives, gold.false_negatives
    return share(gold.precision, right, wrong), share(gold.recall, right, missed)


def share(value: float | None, right: int, others: int) -> str:
    """`0.97 (30/31)`, or a dash where nothing was counted."""
    return "–" if value is None else f"{value:.2f} ({right}/{right + others})"


def acted(counts: "RuleCounts | None") -> str:
    """What a rule did in a build."""
    if counts is None:
        return "–"
    did = {"drops": counts.drops, "flags": counts.flags, "signals": counts.signals}
    return ", ".join(f"{count:,} {name}" for name, count in did.items() if count) or "0"
