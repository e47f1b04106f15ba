"""A folder of Markdown files: which files are documents, finding, reading and watching them."""
