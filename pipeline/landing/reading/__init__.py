"""From bytes to records: what a delivered file is, how it is written, and its raw values."""
