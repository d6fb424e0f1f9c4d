"""One module per page: rows of named queries in, a `Page` out."""
