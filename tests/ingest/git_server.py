"""A git server over https on localhost that requires a password, and one that redirects."""

import asyncio
import os
import shutil
import ssl
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web


@dataclass
class GitServer:
    """Serves the repositories in `root`; notes who asked. `credentials`: None lets anybody in."""

    root: Path
    certificate: Path
    credentials: str | None = None
    redirected_to: str | None = None
    # The beginnings of paths, and what they are redirected to.
    renamed: dict[str, str] = field(default_factory=dict)
    reason: str = "x"
    port: int = 0
    asked_as: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"https://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """An environment whose git trusts the server's certificate."""
        return {"PATH": os.environ["PATH"], "GIT_SSL_CAINFO": str(self.certificate)}

    @asynccontextmanager
    async def serve(self) -> "AsyncIterator[GitServer]":
        """Serve until the block ends."""
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certificate)
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked_as.append(request.headers.get("Authorization", ""))
        if self.redirected_to is not None:
            raise web.HTTPFound(self.redirected_to + request.path_qs)
        for before, after in self.renamed.items():
            if request.path.startswith(before):
                raise web.HTTPMovedPermanently(request.path_qs.replace(before, after, 1))
        wanted = self.credentials and f"Basic {b64encode(self.credentials.encode()).decode()}"
        if wanted and self.asked_as[-1] != wanted:
            challenge = {"WWW-Authenticate": f'Basic realm="{self.reason}"'}
            return web.Response(status=401, headers=challenge, text=self.reason)
        return await self._backend(request)

    async def _backend(self, request: web.Request) -> web.Response:
        """Ask git's own server, https://git-scm.com/docs/git-http-backend."""
        process = await asyncio.create_subprocess_exec(
            *("git", "-c", "safe.directory=*", "http-backend"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": request.path,
                "QUERY_STRING": request.query_string,
                "REQUEST_METHOD": request.method,
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            },
        )
        output, _ = await process.communicate(await request.read())
        head, _, body = output.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(headers.pop("Status", "200").split()[0])
        return web.Response(status=status, headers=headers, body=body)


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost with its key; the test is skipped without openssl."""
    openssl = shutil.which("openssl") or pytest.skip("no openssl to make a certificate with")
    made = folder / "localhost.pem"
    subprocess.run(  # noqa: S603 - openssl, and nothing from outside
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
        ],
        check=True,
        capture_output=True,
    )
    parts = (folder / "certificate.pem", folder / "key.pem")
    made.write_text("".join(part.read_text() for part in parts))
    return made
