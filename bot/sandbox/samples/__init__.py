"""Made-up stories for trying the bot out: nothing here is news."""
