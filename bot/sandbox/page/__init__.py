"""The page: a person's view of the sandbox, and the API behind it."""
