"""Commands of the operator that ask the gateway of this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from deploy import account, person
from deploy.local.token_keys import ensure_token_keys
from deploy.local.trouble import Trouble


class Gateway(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        broken = self.path == "/v1/broken"
        self.send_response(502 if broken else 200)
        self.end_headers()
        self.wfile.write(b"<html>Bad gateway" if broken else json.dumps({"path": self.path}).encode())

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    secrets: Path = tmp_path_factory.mktemp("secrets")
    ensure_token_keys(secrets, ["gateway"])
    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield SimpleNamespace(gateway_url=f"http://127.0.0.1:{server.server_port}", secrets_dir=secrets)
        server.shutdown()


def test_passwords_and_copies_of_people_never_go_through_a_proxy(record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.delenv(name.replace("HTTP", "NO").replace("http", "no"), raising=False)
    monkeypatch.setattr(account, "require_running", lambda _: record)

    assert account.ask(None, "/v1/accounts", {}) == {"path": "/v1/accounts"}
    assert person.ask(record, uuid4(), "GET", "/v1/people") == {"path": "/v1/people"}


def test_a_gateway_that_is_away_or_answers_nonsense_is_trouble_in_a_sentence(record: Any) -> None:
    with pytest.raises(Trouble, match="502"):
        person.ask(record, uuid4(), "GET", "/v1/broken")
    away: Any = SimpleNamespace(gateway_url="http://127.0.0.1:9", secrets_dir=record.secrets_dir)
    with pytest.raises(Trouble, match="linli"):
        person.ask(away, uuid4(), "GET", "/v1/people")
