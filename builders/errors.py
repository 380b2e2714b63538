"""The one error that a user is meant to read."""


class Problem(Exception):
    """What went wrong, where, and what to do about it, in one line.

    The command line prints it as `error: …` and exits with status 1; library users catch it. Anything else that escapes
    is a defect of this software and keeps its traceback.
    """
