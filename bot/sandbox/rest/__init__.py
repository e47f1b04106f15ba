"""Discord's REST API, as far as the bot uses it; a module for each area."""
