"""What a version is for, and what it is not for, as far as its facts tell; people say more in the card's own section."""

from cards.dataset.facts import CardFacts


def intended(facts: CardFacts) -> list[str]:
    """What the rows are made for."""
    pairs = facts.kind == "preferences"
    task = "Preference optimization of" if pairs else "Fine-tuning"
    return [
        f"{task} a language model that follows single instructions in {facts.spoken}.",
        "Studying what filters drop and why, by the ledger.",
    ]


def out_of_scope(facts: CardFacts) -> list[str]:
    """What the rows are not made for."""
    found = [
        "Evaluation: the builder checks no answer for truth, and rows may resemble those of other datasets.",
        "A source of facts, or of medical, legal or financial advice.",
        "Learning conversations of several turns: each row is one question and its answer.",
    ]
    if "-nc" in (facts.card.license or ""):
        found.append("Commercial purposes: the licence excludes them.")
    if facts.card.license is None:
        found.append("Any use that needs a licence: none is stated.")
    return found
