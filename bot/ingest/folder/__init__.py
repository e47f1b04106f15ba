"""A folder of Markdown files: which files count, finding them, reading them, noticing changes."""
