"""How Sphinx builds the documentation: `make docs`.

The sources are the Markdown files of the repository; links between them work on a hosting site, in
`storywire docs` and here. The result needs no network: every script and style is in it.
"""

project = "Storywire"
author = "the Storywire contributors"
html_show_copyright = False

extensions = ["myst_parser"]
root_doc = "site/index"
include_patterns = ["*.md", "docs/**", "site/**"]
exclude_patterns = ["docs/images/**", "site/redirect/**"]
# The anchors of a hosting site.
myst_heading_anchors = 6

html_theme = "furo"
html_title = "Storywire"
html_extra_path = ["redirect"]
html_copy_source = False
html_show_sphinx = False
