"""Scores: how hard a model finds each row's answer, computed once (`aguila score`) and read without a model."""
