"""Two versions compared, as one page that opens offline.

Text of rows is hostile: everything is escaped, nothing is loaded, and the page's policy admits no script and no style but
its own. The script hides rows that a search does not find; without it the page says the same.
"""

from importlib import resources

from cards.diff.names import grouped
from cards.diff.records import Comparison
from cards.diff.summary import summary
from cards.diff.text import (
    change_lists,
    describe_decision,
    describe_shift,
    describe_value,
    described_counts,
    moved,
    totals,
    verdict,
    why,
)
from cards.shared.page import environment, policy_hash


def comparison_page(found: Comparison, examples: int = 100) -> str:
    """HTML of a comparison, with at most so many rows of each kind."""
    folder = resources.files("cards.diff")
    style, script, template = ((folder / f"page.{kind}").read_text("utf-8") for kind in ("css", "js", "html.jinja"))
    return (
        environment()
        .from_string(template)
        .render(
            found=found,
            most=examples,
            style=style,
            style_hash=policy_hash(style),
            script=script,
            script_hash=policy_hash(script),
            verdict=verdict(found),
            warning=moved(found),
            tiles=described_counts(found),
            totals=totals(found),
            lists=change_lists(found),
            summary=summary(found),
            shifted=[(title, [describe_shift(one) for one in shifts]) for title, shifts in grouped(found.statistics)],
            why=why,
            decision=describe_decision,
            value=describe_value,
        )
    )
