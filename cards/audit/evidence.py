"""How good the decisions on a version are, by labels that people gave: estimates with their intervals."""

from collections.abc import Iterable

from msgspec import Struct

from cards.shared.records import Count
from cards.shared.tables import Table

WIDE = 0.2  # an interval that is wider says little; thirty more labels narrow it
MORE = "label 30 more"


class Estimate(Struct, frozen=True):
    """A share, estimated. low, high: its 95 % interval (Wilson). labels: how many labels it rests on."""

    value: float
    low: float
    high: float
    labels: Count

    @property
    def wide(self) -> bool:
        """Whether the interval is too wide to decide anything by."""
        return self.high - self.low > WIDE

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f}; {self.labels})"


class RuleEvidence(Struct, frozen=True):
    """How good one rule is. precision: of the rows that it dropped or flagged, the share that is not fit as it is. recall: of
    the rows that have its defect, the share that is dropped, or flagged by it. None where no label says anything. advice: what
    to do where too few labels speak, else ""."""

    precision: Estimate | None
    recall: Estimate | None
    advice: str


class Evidence(Struct, frozen=True):
    """What labels say of a version.

    labels: how many there are. used: of rows that are as they were judged. changed: of rows that are others now; not used.
    absent: of rows that the version's source has not. drawn: how they were drawn. rules: by rule. dropped: of all dropped rows,
    the share that is not fit as it is. kept: of all kept rows, the share that is not.
    """

    labels: Count
    used: Count
    changed: Count
    absent: Count
    drawn: str
    rules: dict[str, RuleEvidence]
    dropped: Estimate | None
    kept: Estimate | None


def evidence_tables(found: Evidence) -> Iterable[Table]:
    """The estimates as tables; of rules that no label speaks of, nothing."""
    rows = [
        (name, str(one.precision or "–"), str(one.recall or "–"), one.advice)
        for name, one in sorted(found.rules.items())
    ]
    note = "Share, its 95 % interval, and the number of labels. A row that was judged drop or fix is not fit as it is."
    yield Table("Measured on labels", ("rule", "precision", "recall", "to do"), rows, note)
    both = (("not fit, of the dropped rows", found.dropped), ("not fit, of the kept rows", found.kept))
    facts = [("labels used", _used(found)), ("how they were drawn", found.drawn)]
    yield Table(
        "All rows, by labels", ("what", "by labels"), [*((what, str(one)) for what, one in both if one), *facts]
    )


def _used(found: Evidence) -> str:
    """How many labels were used, and why others were not."""
    lost = [f"{found.changed:,} of rows that have changed"] if found.changed else []
    lost += [f"{found.absent:,} of rows that are not in the source"] if found.absent else []
    unused = f"; not used: {', '.join(lost)}" if lost else ""
    return f"{found.used:,} of {found.labels:,}{unused}"
