"""The settings file and environment variables, and error messages for mistakes in them."""
