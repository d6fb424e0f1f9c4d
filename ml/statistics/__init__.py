"""Pure mathematics: numbers in, estimates with intervals out."""
