"""Models compared, as a table: each one's loss, and how it differs from the first."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from train.comparison.compare import ComparedModels


def compared_table(found: "ComparedModels") -> tuple[list[str], list[list[str]]]:
    """Header and rows that show each model, and how it differs from the first."""
    first = found.models[0].name
    against = {one.other: one for one in found.differences if one.one == first}
    header = ["model", "loss", "perplexity", f"against {first}", "95 % interval", "rows won", "rows lost"]
    asked = any(one.answers for one in found.models)
    header += ["in Spanish", "refusals", "looping", "words"] if asked else []
    rows = []
    for one in found.models:
        gap = against.get(one.name)
        cells = [one.name, f"{one.loss:.4f}", f"{one.perplexity:.2f}"]
        cells += (
            ["–"] * 4
            if gap is None
            else [f"{gap.nats:+.4f}", f"{gap.low:+.4f} … {gap.high:+.4f}", *map(str, (gap.wins, gap.losses))]
        )
        if own := one.answers:
            cells += [f"{own.spanish:.1%}", str(own.refusals), str(own.looping), f"{own.words:.1f}"]
        rows.append(cells)
    return header, rows
