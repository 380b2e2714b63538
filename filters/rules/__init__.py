"""Rules by family. A rule is found by being in a module of this package."""
