"""A neighbourhood centre's own system, as an integrator would write it: takes signed webhooks, and nothing unsigned.

`python -m deploy.demo.receiver DIRECTORY PORT`. It verifies by the Standard Webhooks specification, counts an event
once however often it is delivered, and shows at `/received` what it took. Its secret is in `DIRECTORY/secret`.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import uvicorn
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import LOOPBACK
from deploy.local.private import private_directory, write_private

SECRET: Final = "secret"
TAKEN: Final = "taken.jsonl"


class Receiver:
    """Events by their id, kept in a file: a restart forgets none and counts none twice."""

    def __init__(self, directory: Path) -> None:
        self._directory = private_directory(directory)
        self._file = directory / TAKEN
        self._types: dict[str, str] = {}
        self._rejected = 0
        for line in self._file.read_text("utf-8").splitlines() if self._file.exists() else []:
            self._remember(line)

    def _remember(self, line: str) -> None:
        """A line that a crash cut is left out: its event was not answered, so it comes again."""
        try:
            id, type = json.loads(line)
        except ValueError:
            return
        self._types[id] = type

    async def take(self, request: Request) -> Response:
        """One delivery: 204 once it is kept, 401 for a bad signature, 503 before the secret is known."""
        secret = self._directory / SECRET
        if not secret.exists():
            return Response(status_code=503, headers={"retry-after": "1"})
        body = await request.body()
        try:
            told = Webhook(secret.read_text("ascii")).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self._rejected += 1
            return Response(status_code=401)
        id = request.headers["webhook-id"]  # part of what is signed
        if id not in self._types:
            with self._file.open("a", encoding="utf-8") as file:
                file.write("\n" + json.dumps([id, told["type"]]))  # after what a crash may have cut
            self._types[id] = told["type"]
        return Response(status_code=204)

    async def received(self, _: Request) -> JSONResponse:
        """What came, by type."""
        types = dict(sorted(Counter(self._types.values()).items()))
        return JSONResponse({"received": len(self._types), "rejected": self._rejected, "types": types})


def hand_over(directory: Path, secret: str) -> None:
    """Gives the system the secret of its registration."""
    write_private(directory / SECRET, secret)


def build_app(directory: Path) -> Starlette:
    """The system as an ASGI application."""
    receiver = Receiver(directory)
    return Starlette(
        routes=[Route("/hooks", receiver.take, methods=["POST"]), Route("/received", receiver.received)],
    )


if __name__ == "__main__":
    uvicorn.run(
        build_app(Path(sys.argv[1])), host=LOOPBACK, port=int(sys.argv[2]), access_log=False, log_level="warning"
    )
