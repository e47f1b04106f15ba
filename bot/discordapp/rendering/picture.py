"""A picture that an embed shows, sent as a file of the message."""

import io
from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class Picture:
    """A file with a name such as `chart.png`, and the description that screen readers read."""

    name: str
    content: bytes
    description: str

    def shown_in(self, embed: discord.Embed) -> discord.Embed:
        """A copy of an embed that shows the picture.

        https://docs.discord.com/developers/reference#using-attachments-within-embeds
        """
        return embed.copy().set_image(url=f"attachment://{self.name}")

    def to_file(self) -> discord.File:
        """The file for one request; discord.py closes it afterwards."""
        return discord.File(io.BytesIO(self.content), self.name, description=self.description)
