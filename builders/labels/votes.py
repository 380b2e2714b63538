"""What several people answered about the same rows becomes one label a row: what most of them say, and how far they agree."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from builders.labels.records import Judgement, Label


@dataclass(frozen=True)
class Vote:
    """What one person answered about a row. who: tells people apart here, and is recorded nowhere."""

    who: str
    verdict: Judgement
    defects: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Agreed:
    """What people agreed on.

    labels: one of each row on which more than half of those who judged it say the same. ties: ids of the others that were
    judged. people: how many answered. votes: how many answers there are. alpha: Krippendorff's alpha of their verdicts: 1 where
    all agree, 0 where they agree as chance would; None where no row was judged by two.
    """

    labels: list[Label]
    ties: tuple[str, ...]
    people: int
    votes: int
    alpha: float | None


def agreed(judged: Iterable[tuple[Label, Sequence[Vote]]]) -> Agreed:
    """The verdict of the majority on each row; rows that nobody judged are left out."""
    answered = [(label, votes) for label, votes in judged if votes]
    decided = [(label, _majority(label, votes)) for label, votes in answered]
    return Agreed(
        labels=[made for _, made in decided if made],
        ties=tuple(label.id for label, made in decided if made is None),
        people=len({vote.who for _, votes in answered for vote in votes}),
        votes=sum(len(votes) for _, votes in answered),
        alpha=alpha([[(vote.who, vote.verdict) for vote in votes] for _, votes in answered]),
    )


def _majority(label: Label, votes: Sequence[Vote]) -> Label | None:
    """The label with what more than half of the people say: the verdict, and each defect. Every note is kept."""
    (verdict, most), *_ = Counter(vote.verdict for vote in votes).most_common()
    if 2 * most <= len(votes):
        return None
    named = Counter(defect for vote in votes for defect in vote.defects)
    defects = tuple(sorted(defect for defect, count in named.items() if 2 * count > len(votes)))
    notes = " / ".join(sorted({vote.note for vote in votes if vote.note}))
    return msgspec.structs.replace(label, verdict=verdict, defects=defects, note=notes[:10_000])


def alpha(rows: Iterable[Sequence[tuple[str, str]]]) -> float | None:
    """Krippendorff's alpha (1980) of nominal answers, as nltk computes it: pairs of who and what, by row.

    Rows that one person judged say nothing of agreement. None where there are no others.
    """
    from nltk.metrics.agreement import AnnotationTask

    answers = [(who, str(at), said) for at, votes in enumerate(rows) if len(votes) > 1 for who, said in votes]
    return round(float(AnnotationTask(answers).alpha()), 4) if answers else None
