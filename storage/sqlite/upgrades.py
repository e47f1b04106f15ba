"""The steps of all upgrades, in order."""

from collections.abc import Sequence

from storage.sqlite.lookup_step import LOOKUPS
from storage.sqlite.migrations.packed_contents import PACKED_CONTENTS
from storage.sqlite.upgrade_steps import Step

STEPS: Sequence[Step] = (PACKED_CONTENTS, LOOKUPS)
