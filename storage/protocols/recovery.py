"""What a start on a restored backup needs of the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.posts import ChannelToRecover, RecoveredChannel

# The name under which a backup, and no other database, stores when it was made: a time in ISO 8601
# and UTC, or an empty value if that is unknown.
BACKUP_MADE_AT = "backup_made_at"


class RecoveryStore(Protocol):
    """Which channels have to be read after a restore, and which were."""

    async def channels_to_recover(self, backup: str) -> Sequence[ChannelToRecover]:
        """Channels with subscriptions or unsettled posts, not yet recovered from that backup."""

    async def recovered_from(self, backup: str) -> Sequence[RecoveredChannel]:
        """The channels that were recovered from a backup, by id."""

    async def forget_recoveries(self, before: datetime) -> None:
        """Delete what was read in channels before a time."""
