"""What people carry away: summaries of one page, a deck, a workbook, the dictionary."""
