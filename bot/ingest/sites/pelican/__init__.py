"""Sites of Pelican: https://docs.getpelican.com."""
