"""A local Discord: enough REST, gateway and page to run and test a bot without an account.

    sandbox = Sandbox(SandboxOptions(state=Path("var/sandbox")))
    async with sandbox.serve(port=8080):
        ...  # a bot with sandbox.token at sandbox.api_url

It does not import the rest of the bot: it replaces Discord in tests and must not share our bugs.
"""

from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import InteractionFailedError, PersonError, SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.interactions.interaction import Interaction
from bot.sandbox.interactions.person import Person
from bot.sandbox.model.attachments import UploadedFile
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import World
from bot.sandbox.options import PageAction, RateOptions, SandboxOptions
from bot.sandbox.rest.api import RequestRecord
from bot.sandbox.rest.openapi_contract import Violation
from bot.sandbox.rest.request_faults import Hold, Invalid, RateLimited, Reset, Slow, Status
from bot.sandbox.server import Sandbox

__all__ = [
    "Faults",
    "Hold",
    "Interaction",
    "InteractionFailedError",
    "Invalid",
    "MovableClock",
    "PageAction",
    "Permission",
    "Person",
    "PersonError",
    "RateLimited",
    "RateOptions",
    "RequestRecord",
    "Reset",
    "Sandbox",
    "SandboxError",
    "SandboxOptions",
    "Slow",
    "Status",
    "UploadedFile",
    "Violation",
    "World",
]
