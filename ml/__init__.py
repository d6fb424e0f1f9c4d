"""Pure statistics and models on frames and aggregates, and the scripts that read marts and write result tables."""
