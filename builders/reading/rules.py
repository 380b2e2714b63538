"""The rules as people meet them: what each is, how good it is on the gold rows, what it did in the last build."""

from dataclasses import dataclass
from pathlib import Path

from builders.gold import measure
from builders.versions.references import last_built
from cards.audit.explained import Explained, Shown
from cards.shared.records import Measure, RuleCounts
from filters import all_rules
from filters.rule import Example


@dataclass(frozen=True)
class ListedRule:
    """One rule.

    defect: its place in the order of rules. fields: what it reads. languages: codes of those that it is for. gold: its
    counts on the gold rows, None where they have no such defect and it caught nothing. last_build: drops, flags and signals
    in the version that was built last; None where the rule did not run, or nothing was built.
    """

    name: str
    version: int
    defect: int
    verdict: str
    threshold: float
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    reason: str
    gold: Measure | None
    last_build: RuleCounts | None


@dataclass(frozen=True)
class RulesListing:
    """All rules in their order, and the version that was built last in the registry, as `NAME@X.Y.Z`."""

    rules: tuple[ListedRule, ...]
    last_build: str | None


def explained_rules() -> dict[str, Explained]:
    """Every rule of this software with its reason, and the first example that it catches and that it spares."""
    return {
        name: Explained(rule.version, rule.reason, _shown(rule.caught[0]), _shown(rule.spared[0]))
        for name, rule in all_rules().items()
    }


def _shown(example: Example) -> Shown:
    return Shown(example.instruction, example.input, example.output)


def list_rules(registry: Path) -> RulesListing:
    """Every rule of this software, measured on the gold rows, with what it did in the last build under a registry."""
    measures, last = measure(), last_built(registry)
    counts = last.manifest.rules if last else {}
    rules = tuple(
        ListedRule(
            name=rule.name,
            version=rule.version,
            defect=rule.defect,
            verdict=rule.verdict,
            threshold=rule.threshold,
            fields=tuple(rule.fields),
            languages=rule.languages,
            reason=rule.reason,
            gold=measures.get(rule.name),
            last_build=counts.get(rule.name),
        )
        for rule in all_rules().values()
    )
    return RulesListing(rules, last.label if last else None)
