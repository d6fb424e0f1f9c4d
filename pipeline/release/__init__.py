"""A release: built aside, checked, switched to, exported."""
