"""Every English sentence about data, once: pure functions from table rows to words, and the number formats."""
