"""How good a card's decisions are on the labelled rows: one sentence of those without a mistake, figures of the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cards.shared.records import Measure
from cards.shared.tables import right_of

UNMEASURABLE = frozenset({"not_sampled"})  # no defect


@dataclass(frozen=True)
class Measured:
    """perfect: decisions without a mistake, by name. rest: name, precision and recall of others. unknown: never measured."""

    perfect: Mapping[str, Measure]
    rest: tuple[tuple[str, str, str], ...]
    unknown: tuple[str, ...]

    @property
    def span(self) -> str:
        """On how many rows each was measured that made no mistake, such as `4` or `4 to 7`."""
        counts = sorted({one.defective for one in self.perfect.values()})
        return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def measured(names: Iterable[str], gold: Mapping[str, Measure]) -> Measured:
    """Decisions by their names, with what the labelled rows say of each."""
    known = {name: gold[name] for name in names if name in gold}
    perfect = {name: one for name, one in known.items() if one.precision == one.recall == 1}
    rest = tuple(
        (name, right_of(one.true_positives, one.caught), right_of(one.true_positives, one.defective))
        for name, one in known.items()
        if name not in perfect
    )
    return Measured(perfect, rest, tuple(name for name in names if name not in gold and name not in UNMEASURABLE))
