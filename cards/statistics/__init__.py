"""Statistics of rows: one module counts, tabulates and draws one of them; `listed.py` lists them all."""
