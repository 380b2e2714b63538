"""What a card says of personal data: what the build looked for and did, how often, and what nothing looks for."""

from cards.dataset.facts import CardFacts
from cards.shared.words import number_of

RULE = "personal_data"
KINDS = "E-mail addresses, telephone, identity, card and account numbers, and IP addresses"
NOT_LOOKED_FOR = (
    "Not looked for: names, postal addresses, dates of birth, and what a text tells of somebody's health, beliefs or life. "
    "Addresses in code are taken for samples, and stay."
)


def personal_data(facts: CardFacts) -> list[str]:
    """Sentences on personal data, each true of this version."""
    rule = facts.rules.get(RULE)
    if rule is None and not facts.masks:
        return ["Nothing looked for personal data in these rows."]
    found = [_masked(facts)] if facts.masks else []
    return [*found, *([_by_rule(facts)] if rule else []), NOT_LOOKED_FOR]


def _by_rule(facts: CardFacts) -> str:
    """What the rule found, after whatever was masked."""
    dropped = facts.statistics.dropped.get("quality", {}).get(RULE, 0)
    flagged = facts.statistics.flags.get(RULE, 0)
    counts = f"{number_of(flagged, 'kept row')} flagged, {number_of(dropped, 'row')} dropped"
    begun = (
        "What is left was looked for by the rule"
        if facts.masks
        else f"Nothing is masked. {KINDS} are looked for by the rule"
    )
    shown = "; the ledger shows the kind and at most three characters of each" if flagged or dropped else ""
    return f"{begun} `{RULE}`: {counts}{shown}."


def _masked(facts: CardFacts) -> str:
    """What `repair.personal_data` did, by field of the source rows."""
    counts = [
        number_of(count, edit.partition(":")[0])
        for edit, count in sorted(facts.statistics.edits.items())
        if edit.endswith(f":{RULE}")
    ]
    where = f"in {', '.join(counts)} of the source rows" if counts else "none was found"
    return f"{KINDS} are masked by placeholders such as `[correo]` (`repair.personal_data`): {where}."
