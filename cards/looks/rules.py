"""The rules, in the order in which a reader meets their sentences. Each says one thing at most."""

from cards.looks.look import CERTAIN, Look, Rule, Seen, differ, first, percent
from cards.shared.words import number_of
from cards.statistics.splits import Split

MOST = 7  # sentences
MANY_ALIKE = 0.001  # share of the kept rows that end alike, from which it is worth a look
FAR = 0.1  # difference of drop rates
ROWS = 100  # rows of an origin or a split, from which its shares are told
DROPS = 30  # rows that a rule dropped, from which one asks where they come from
NEARLY_ALL = 0.9
MORE_THAN_ITS_SHARE = 0.2  # by how much an origin's share of a rule's drops is above its share of the source
SPLITS_DIFFER = 0.05
WORDS_DIFFER = 1.25
MOVED = 0.01


def same_answers(seen: Seen) -> Look | None:
    """Answers that end with the same sentence, written in several ways."""
    for one in seen.statistics.same_answers or ():
        if one.ends >= MANY_ALIKE * seen.kept:
            return Look(
                "same_answers",
                f"{one.ends:,} answers end alike, in {one.spellings:,} spellings of “{one.text}”; {one.holds:,} say it anywhere.",
                ("aguila", "rows", seen.reference, "--kept", "--grep", one.text),
                {"is": "same_answers"},
                tuple(one.ids),
            )
    return None


def flagged(seen: Seen) -> Look | None:
    """Kept rows that carry a flag."""
    flags = seen.statistics.flags
    if not seen.statistics.flagged:
        return None
    most = min(flags, key=lambda name: (-flags[name], name))
    return Look(
        "flagged",
        f"{number_of(seen.statistics.flagged, 'kept row')} ({percent(seen.statistics.flagged, seen.kept)}) "
        f"{'carries' if seen.statistics.flagged == 1 else 'carry'} a flag, most often {most} ({flags[most]:,}).",
        ("aguila", "rows", seen.reference, "--kept", "--flagged"),
        {"is": "flagged"},
    )


def origin_rate(seen: Seen) -> Look | None:
    """An origin of which another share was dropped than of all others."""
    origins = seen.statistics.by_origin or {}
    rows, gone = sum(one.rows for one in origins.values()), sum(one.unfit for one in origins.values())
    found = []
    for name, one in sorted(origins.items()):
        if one.rows < ROWS or rows - one.rows < ROWS:
            continue
        others, lost = rows - one.rows, gone - one.unfit
        apart = abs(one.unfit / one.rows - lost / others)
        if apart >= FAR and differ(one.unfit, one.rows, lost, others) >= CERTAIN:
            told = (
                f"Of the rows from {name or 'no named origin'}, {percent(one.unfit, one.rows)} were dropped; of all others, "
                f"{percent(lost, others)}."
            )
            command = ("aguila", "rows", seen.reference, "--dropped", "--origin", name)
            # Of two origins, each is as far from the other: told is the one that loses more.
            weight = apart + (one.unfit / one.rows > lost / others)
            found.append((weight, Look("origin_rate", told, command, {"is": "dropped", "origin": name})))
    return first(found)


def one_origin(seen: Seen) -> Look | None:
    """A rule whose drops nearly all come from one origin."""
    origins = seen.statistics.by_origin or {}
    rows = sum(one.rows for one in origins.values())
    found = []
    for stage, by_rule in sorted(seen.statistics.dropped.items()):
        for rule, drops in sorted(by_rule.items()):
            for name, one in sorted(origins.items()):
                share, expected = one.dropped.get(rule, 0) / drops, one.rows / rows
                if drops < DROPS or share < NEARLY_ALL or share - expected < MORE_THAN_ITS_SHARE:
                    continue
                told = (
                    f"{percent(share, 1)} of the {drops:,} rows that {rule} dropped come from {name or 'no named origin'}, which "
                    f"has {percent(expected, 1)} of the source's rows."
                )
                command = ("aguila", "rows", seen.reference, "--dropped-by", f"{stage}/{rule}")
                look = Look("one_origin", told, command, {"rule": f"{stage}: {rule}", "origin": name})
                found.append(((share - expected) * drops, look))
    return first(found)


def splits(seen: Seen) -> Look | None:
    """A split that differs from train."""
    parts = seen.statistics.by_split or {}
    train = parts.get("train")
    found = []
    for name, one in sorted(parts.items()):
        if train is None or name == "train" or min(one.rows, train.rows) < ROWS:
            continue
        for weight, told in _differences(name, one, train):
            command = ("aguila", "rows", seen.reference, "--kept", "--split", name)
            found.append((weight, Look("splits", told, command, {"split": name})))
    return first(found)


def _differences(name: str, one: Split, train: Split) -> list[tuple[float, str]]:
    """How a split differs from train, with a weight each."""
    shares = {"have an input": (one.with_input, train.with_input)}
    for origin in sorted({*one.origins, *train.origins}):
        shares[f"come from {origin or 'no named origin'}"] = (one.origins.get(origin, 0), train.origins.get(origin, 0))
    found = []
    for what, (here, there) in shares.items():
        apart = abs(here / one.rows - there / train.rows)
        if apart >= SPLITS_DIFFER and differ(here, one.rows, there, train.rows) >= CERTAIN:
            here_is, there_is = percent(here, one.rows), percent(there, train.rows)
            found.append((apart, f"{name} differs from train: {here_is} of its rows {what}, {there_is} of train's."))
    if min(one.words, train.words) > 0:
        ratio = max(one.words, train.words) / min(one.words, train.words)
        if ratio >= WORDS_DIFFER and differ(one.longer, one.rows, train.longer, train.rows) >= CERTAIN:
            told = f"{name} differs from train: its median answer has {one.words:.0f} words, train's {train.words:.0f}."
            found.append((ratio - 1, told))
    return found


def languages(seen: Seen) -> Look | None:
    """A language whose share of the kept rows moved since the version before."""
    if seen.before is None:
        return None
    label, before = seen.before
    found = []
    for side in ("question", "answer"):
        now, then = (getattr(one.language, side).kept for one in (seen.statistics, before))
        rows, had = sum(now.values()), sum(then.values())
        if not rows or not had:
            continue
        for code in sorted({*now, *then}):
            here, there = now.get(code, 0) / rows, then.get(code, 0) / had
            if abs(here - there) >= MOVED and differ(now.get(code, 0), rows, then.get(code, 0), had) >= CERTAIN:
                told = f"Since {label}, the share of {side}s in {code} moved from {percent(there, 1)} to {percent(here, 1)}."
                command = ("aguila", "diff", label, seen.reference)
                look = Look("languages", told, command, {"language": f"{side} {code}"})
                found.append((round(abs(here - there), 6), look))
    return first(found)


def long_rows(seen: Seen) -> Look | None:
    """Rows that are longer than the trainer's window: as a tokenizer counts them, or else by their words."""
    long = seen.statistics.long_rows
    if long is None:
        return None
    over = seen.over.get(long.window, 0)
    if over:
        told = f"{over:,} rows have more than the {long.window:,} tokens of a training window ({seen.tokenizer})."
    elif long.rows:
        told = f"{long.rows:,} rows have more words than a training window has tokens ({long.window:,}), so they cannot fit."
    else:
        return None
    command = ("aguila", "rows", seen.reference, "--kept", "--longest")
    return Look("long_rows", told, command, {"is": "long_rows"} if long.ids else {"length": "5"}, tuple(long.ids))


RULES: tuple[Rule, ...] = (same_answers, flagged, origin_rate, one_origin, splits, languages, long_rows)
# What the page calls the rows that stand for a sentence.
NAMED = {"same_answers": "kept, and ends as others do", "long_rows": "kept, and longer than a window"}


def looks(seen: Seen) -> list[Look]:
    """What there is to look at, MOST sentences at most."""
    return [one for rule in RULES if (one := rule(seen)) is not None][:MOST]
