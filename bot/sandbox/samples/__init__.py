"""Made-up stories for trying out the bot."""
