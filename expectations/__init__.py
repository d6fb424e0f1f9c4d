"""Great Expectations suites and the audit that runs them at the two boundaries: what came in, what goes out."""
