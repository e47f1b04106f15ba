"""Sites of MkDocs: https://www.mkdocs.org, with the blogs of Material for MkDocs."""
