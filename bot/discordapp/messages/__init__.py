"""Text for people: reasons and verdicts come in as data, and leave as words."""
