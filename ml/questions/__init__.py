"""What leadership asks, answered in numbers and a verdict."""
