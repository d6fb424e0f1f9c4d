"""Pages from published tables: templates, charts and the site builder."""
