"""The web page of the sandbox, and the API behind it."""
