"""The steps of all upgrades, in order."""

from collections.abc import Sequence

from storage.sqlite.upgrade_steps import Step

STEPS: Sequence[Step] = ()
