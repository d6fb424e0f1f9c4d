"""From raw values to landed ones: what a cell may say, what is repaired, what is rejected."""
