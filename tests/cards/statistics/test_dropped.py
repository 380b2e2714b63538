from tests.cards.statistics.rows import counted


def test_drops_are_counted_by_stage_and_rule_the_most_frequent_first():
    assert [(stage, list(rules.items())) for stage, rules in counted().dropped.items()] == [
        ("dedup", [("exact_duplicate", 1), ("near_duplicate", 1)]),
        ("quality", [("refusal", 2), ("empty_answer", 1)]),
    ]
