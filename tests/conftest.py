"""How every test runs."""

from hypothesis import settings

# The same examples on every run and every machine, and no limit in milliseconds: a busy machine fails no test.
settings.register_profile("aguila", deadline=None, derandomize=True, database=None)
settings.load_profile("aguila")
