"""Models compared, as a table: each one's loss, and how it differs from the first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cards.comparison.paired import Difference
    from train.comparison.compare import ComparedModel, ComparedModels

ROWS = ("perplexity", "against {first}", "95 % interval", "rows won", "rows lost")
PAIRS = ("accuracy", "95 % interval", "points against {first}")
ANSWERS = ("in Spanish", "refusals", "looping", "words")


def compared_table(found: "ComparedModels") -> tuple[list[str], list[list[str]]]:
    """Header and rows that show each model, and how it differs from the first."""
    first = found.models[0].name
    against = {one.other: one for one in found.differences if one.one == first}
    asked = any(one.answers for one in found.models)
    header = ["model", "loss", *(PAIRS if found.of_pairs else ROWS)]
    header = [one.format(first=first) for one in header] + (list(ANSWERS) if asked else [])
    rows = []
    for one in found.models:
        cells = [one.name, f"{one.loss:.4f}", *(_pairs if found.of_pairs else _rows)(one, against.get(one.name))]
        if own := one.answers:
            cells += [f"{own.spanish:.1%}", str(own.refusals), str(own.looping), f"{own.words:.1f}"]
        rows.append(cells)
    return header, rows


def _rows(one: "ComparedModel", gap: "Difference | None") -> list[str]:
    apart = ["–"] * 4
    if gap:
        apart = [f"{gap.nats:+.4f}", f"{gap.low:+.4f} … {gap.high:+.4f}", *map(str, (gap.wins, gap.losses))]
    return [f"{one.perplexity:.2f}", *apart]


def _pairs(one: "ComparedModel", gap: "Difference | None") -> list[str]:
    share = one.accuracy
    assert share is not None, "each model was measured on the pairs"
    apart = gap.accuracy.points if gap and gap.accuracy else "–"
    return [f"{share.value:.1%}", f"{share.low:.1%} … {share.high:.1%}", apart]
