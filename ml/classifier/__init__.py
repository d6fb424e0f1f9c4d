"""Claim or opinion: features, candidates, decisions, and what they are worth."""
