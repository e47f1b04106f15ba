"""Commands, components and modals: what a person does, and how the bot responds."""
