"""The backlog: in which order cases are reviewed, and what that does to their waiting."""
