"""Who gets which story, when: decided purely, planned in the outbox, sent at the bot's pace."""
