"""A branch of a git repository: running git, a clone of one's own, what is in it, reading it."""
