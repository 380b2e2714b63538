"""What the ledger says of a row, as far as it is shown. Field names are those of `builders.schema.LEDGER_COLUMNS`."""

import re

from msgspec import Struct

from builders.schema import Status


class Decision(Struct, frozen=True):
    """Who decided on a row, and why (`builders.schema.DECISION`)."""

    status: Status
    stage: str | None
    rule: str | None
    score: float | None
    evidence: str | None
    duplicate_of: str | None


class Entry(Struct, frozen=True, kw_only=True):
    """A ledger's entry without its hashes (`builders.schema.ENTRY`)."""

    id: str
    status: Status
    stage: str | None
    rule: str | None
    score: float | None
    evidence: str | None
    duplicate_of: str | None
    edits: list[str]
    flags: list[str]
    split: str | None

    def outcome(self) -> str:
        """`dropped at quality by refusal`, `kept in train`."""
        if self.status == "dropped":
            return f"dropped at {self.stage} by {self.rule}"
        return f"kept in {self.split}"

    def pieces(self) -> list[str]:
        """The pieces of the row's own text in its evidence.

        A kept row's evidence is `flag: piece; flag: piece`; that of an evaluation set begins with its name; what the language
        and dedup stages say is no piece of the row.
        """
        evidence = self.evidence or ""
        if self.status == "kept":
            names = "|".join(map(re.escape, self.flags))
            return [one for one in re.split(rf"(?:^|; )(?:{names}): ", evidence) if one] if names else []
        if self.stage != "quality":
            return []
        return [evidence.partition(": ")[2] if self.rule == "contaminated" else evidence]
