"""A branch of a git repository: running git, keeping a clone, parsing git's output, reading it."""
