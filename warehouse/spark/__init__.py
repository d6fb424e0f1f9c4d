"""The Spark engine and its session."""
