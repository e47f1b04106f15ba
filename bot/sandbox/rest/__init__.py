"""Discord's REST API, as far as the bot uses it, and the limits around it."""
