"""JSON APIs that list articles page by page."""
