"""What a home folder remembers: locks, the ledger, durable writes."""
