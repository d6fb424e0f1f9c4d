"""The moderators' desk: a small local web application, its store of leases and decisions."""
