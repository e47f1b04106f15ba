"""Builds the documentation as a site, with a reference that is generated from the code."""
