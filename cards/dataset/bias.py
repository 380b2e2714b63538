"""What a card says of bias and risk: what was counted, what is known of the source, and what nothing was checked for."""

from cards.dataset.facts import CardFacts
from cards.shared.sources import BACTRIAN
from cards.shared.tables import ranked, share
from cards.shared.words import number_of

RECOMMENDED = (
    "Recommended: read rows before you train on them (`aguila review` draws some to judge), and test what was trained on what "
    "it will be asked, before others use it."
)
ONE_ORIGIN = 0.5  # of the rows: from here on, one origin is most of what is learned


def biases(facts: CardFacts) -> list[str]:
    """Sentences on bias and risk, each measured or known of the source."""
    found = ["No rule looks for stereotypes, insults or harmful advice: what the source has of them is kept."]
    if BACTRIAN in facts.card.source_datasets:
        found.append("The answers are those of one model of 2023: its knowledge, its habits and its biases.")
    registers = facts.statistics.register
    told = ranked(registers.instruction) if registers else []
    if told:
        name, rows = told[0]
        whole = sum(count for _, count in told)
        found.append(
            f"Of {number_of(whole, 'instruction')} whose form of address is certain, {share(rows, whole)} say {name}; the others "
            "are learned from fewer rows."
        )
    origin, rows = max(facts.statistics.origins.items(), key=lambda one: one[1], default=("", 0))
    if origin and rows > ONE_ORIGIN * facts.kept:
        found.append(f"{share(rows, facts.kept)} of the rows come from one origin, `{origin}`.")
    return [*found, RECOMMENDED]
