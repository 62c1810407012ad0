"""What every answer tells a browser, and which pages of others may ask."""

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from contracts.catalogue import COMMANDS, QUERIES
from deploy.local.nats import EmbeddedNats
from services.gateway.settings import GatewaySettings

from .conftest import ENROL_PATH, SESSION, StandIn, family, settings_for, visited

ORIGIN = "https://centre.example"
ASKING = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.mark.parametrize(
    ("method", "path", "cache"),
    [
        ("GET", "/", "no-cache"),
        ("GET", "/docs", "no-cache"),
        ("GET", "/openapi.json", "no-cache"),
        ("GET", "/status", "no-store"),
        ("GET", "/metrics", "no-store"),
        ("GET", "/nowhere", "no-store"),
        ("PUT", "/v1/sites", "no-store"),
        ("OPTIONS", "/v1/sites", "no-store"),
        ("GET", "/v1/me", "no-store"),
        ("POST", "/oauth/token", "no-store"),
        ("POST", "/v1/batches/registry/register-person", "no-store"),
    ],
)
async def test_every_answer_says_what_browsers_and_caches_may_not_do(
    stranger: httpx2.AsyncClient, method: str, path: str, cache: str
) -> None:
    headers = (await stranger.request(method, path)).headers

    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]
    [policy] = headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers.get_list("cache-control") == [cache]
    assert "server" not in headers
    assert "strict-transport-security" not in headers
    assert not [name for name in headers if name.startswith("access-control")]


async def test_personal_answers_are_kept_by_no_cache(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    answer = await staff.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


async def test_options_names_the_methods_and_opens_nothing(stranger: httpx2.AsyncClient) -> None:
    asked = await stranger.options("/v1/sites", headers=ASKING)
    nowhere = await stranger.options("/v1/nowhere", headers=ASKING)

    assert (asked.status_code, asked.content, asked.headers["allow"]) == (204, b"", "GET, POST, OPTIONS")
    assert "access-control-allow-origin" not in asked.headers
    assert nowhere.status_code == 404


@pytest.fixture
def opened(nats_of_gateway: EmbeddedNats, secrets: Path) -> GatewaySettings:
    return settings_for(
        nats_of_gateway.address,
        secrets,
        nats_seed_file=nats_of_gateway.seed_file("gateway"),
        cors_origins=ORIGIN,
        tls_in_front=True,
    )


async def test_pages_of_an_allowed_origin_may_ask_and_no_others(
    opened: GatewaySettings, documents: Path, token_of: Callable[..., str]
) -> None:
    async with visited(opened, documents) as client:
        asked = await client.options(f"/v1/sessions/{SESSION}/enrolments", headers=ASKING)
        foreign = await client.options(
            f"/v1/sessions/{SESSION}/enrolments", headers=ASKING | {"origin": "https://evil.example"}
        )
        answer = await client.get("/live", headers={"origin": ORIGIN})
        other = await client.get("/live", headers={"origin": "https://evil.example"})

    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    assert "access-control-allow-origin" not in foreign.headers
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in other.headers
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_pages_of_every_allowed_origin_may_use_every_method_there_is(
    opened: GatewaySettings, documents: Path
) -> None:
    methods = {kind.contract.route.method for kind in (*COMMANDS, *QUERIES) if kind.contract.route}
    two = opened.model_copy(update={"cors_origins": f"{ORIGIN}, https://street.example"})
    async with visited(two, documents) as client:
        for origin in (ORIGIN, "https://street.example"):
            asking = ASKING | {"origin": origin}
            for method in methods:
                asked = await client.options("/live", headers=asking | {"access-control-request-method": method})
                assert (method, asked.status_code) == (method, 200)
                assert (origin, asked.headers.get("access-control-allow-origin")) == (origin, origin)
