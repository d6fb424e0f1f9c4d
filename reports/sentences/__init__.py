"""Sentences that follow the data: pure functions from rows to plain English, true whatever the rows say."""
