"""What pages share: the base template, the style sheet, escaping and security headers."""
