"""Login by an OpenID provider: a real one from a package on one side, a stand-in for registry on the other."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import oidc_provider_mock
import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import Function, LogInExternally
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from services.gateway.minting import digest
from services.gateway.oidc import Provider, challenge_of
from tests.gateway.conftest import StandIn, client_of, running, settings_for
from tests.gateway.test_logins import WANG, login_at

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:authlib", "ignore::DeprecationWarning:oidc_provider_mock"
)

SUBJECT = "wang.fang"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def registry(stand_in: Callable[..., Any]) -> StandIn:
    """Registry knows one identity."""

    def answer(asked: dict[str, Any]) -> Any:
        return login_at(Function.EDITOR) if asked["subject"] == SUBJECT else Refusal("wrong-credentials")

    made: StandIn = await stand_in(LogInExternally, answer)
    return made


@pytest.fixture
def house(
    nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path, provider: str, tmp_path: Path
) -> Callable[..., Any]:
    @asynccontextmanager
    async def browser(**more: Any) -> AsyncIterator[httpx2.AsyncClient]:
        """A browser before a gateway that is known to the provider."""
        key = tmp_path / "oidc-secret"
        key.write_text("a client's secret\n")
        oidc = {"oidc_issuer": provider, "oidc_client_id": "linli", "oidc_client_secret_file": key}
        settings = settings_for(nats_of_gateway.url, secrets, **(oidc | more))
        settings = settings.model_copy(
            update={"oidc_redirect_url": f"http://127.0.0.1:{settings.http_port}/v1/oidc/callback"}
        )
        async with running(settings, documents) as gateway, client_of(gateway) as client:
            while (await client.get("/ready")).status_code != 200:
                pass
            yield client

    return browser


async def sign_in(browser: httpx2.AsyncClient, subject: str = SUBJECT) -> str:
    """Through the provider's form; the address it leads back to."""
    started = await browser.get("/v1/oidc/start")
    assert started.status_code == 303, started.text
    async with httpx2.AsyncClient(trust_env=False) as other:
        form = await other.post(started.headers["location"], data={"sub": subject})
    return str(form.headers["location"])


async def test_whom_the_provider_knows_is_logged_in_with_a_token_of_ours(
    house: Callable[..., Any], registry: StandIn, provider: str
) -> None:
    async with house() as browser:
        answer = await browser.get(await sign_in(browser))

    assert answer.status_code == 200, answer.text
    assert answer.json()["person_id"] == str(WANG)
    [(_, asked)] = registry.messages
    assert (asked["issuer"], asked["subject"]) == (provider, SUBJECT)
    assert asked["token_hash"] == digest(answer.json()["secret"])
    assert answer.headers["cache-control"] == "no-store"


async def test_the_token_is_handed_to_the_configured_page_in_its_fragment(
    house: Callable[..., Any], registry: StandIn
) -> None:
    async with house(oidc_return_url="https://staff.example.org/in") as browser:
        answer = await browser.get(await sign_in(browser))

    address = urlsplit(answer.headers["location"])
    assert (answer.status_code, address.netloc, address.query) == (303, "staff.example.org", "")
    assert digest(address.fragment.removeprefix("secret=")) == registry.messages[0][1]["token_hash"]


async def test_somebody_without_an_account_here_is_refused(house: Callable[..., Any], registry: StandIn) -> None:
    async with house() as browser:
        answer = await browser.get(await sign_in(browser, "a.stranger"))

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong-credentials")


async def test_a_callback_that_nobody_started_or_another_browser_did_is_refused(
    house: Callable[..., Any], registry: StandIn
) -> None:
    async with house() as browser:
        back = await sign_in(browser)
        browser.cookies.clear()
        assert (await browser.get(back)).status_code == 422
        await browser.get("/v1/oidc/start")
        assert (await browser.get(back)).status_code == 422

    assert registry.messages == []


async def test_a_code_is_good_once(house: Callable[..., Any], registry: StandIn) -> None:
    async with house() as browser:
        back = await sign_in(browser)
        kept = dict(browser.cookies)
        assert (await browser.get(back)).status_code == 200
        browser.cookies.update(kept)
        again = await browser.get(back)

    assert (again.status_code, again.json()["code"]) == (401, "wrong-credentials")


async def test_the_start_asks_with_pkce_state_and_nonce(house: Callable[..., Any]) -> None:
    async with house() as browser:
        started = await browser.get("/v1/oidc/start")

    asked = {name: values[0] for name, values in parse_qs(urlsplit(started.headers["location"]).query).items()}
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = started.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/v1/oidc"))


async def test_while_the_provider_is_away_login_says_when_to_come_again(house: Callable[..., Any]) -> None:
    async with house(oidc_issuer=f"http://localhost:{free_port()}") as browser:
        answer = await browser.get("/v1/oidc/start")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def away(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(502, text="<html>Bad Gateway</html>")


async def unreadable(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, text="<html>Under repair</html>")


@pytest.mark.parametrize("answers", [away, unreadable])
async def test_a_provider_that_breaks_in_the_middle_is_away_and_her_password_is_not_wrong(
    house: Callable[..., Any], registry: StandIn, monkeypatch: pytest.MonkeyPatch, answers: Any
) -> None:
    async with house() as browser:
        back = await sign_in(browser)
        broken = httpx2.MockTransport(answers)
        monkeypatch.setattr(Provider, "_open", lambda _: httpx2.AsyncClient(transport=broken))
        answer = await browser.get(back)

    assert (answer.status_code, answer.json()["params"]["service"]) == (503, "oidc")


async def test_a_provider_whose_issuer_ends_in_a_slash_or_whose_form_has_a_query_is_understood(
    house: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = "https://staff.example.org/"

    async def described(asked: httpx2.Request) -> httpx2.Response:
        assert str(asked.url) == f"{issuer}.well-known/openid-configuration"
        return httpx2.Response(200, json={"issuer": issuer, "authorization_endpoint": f"{issuer}authorize?p=staff"})

    provider = httpx2.MockTransport(described)
    async with house(oidc_issuer=issuer) as browser:
        monkeypatch.setattr(Provider, "_open", lambda _: httpx2.AsyncClient(transport=provider))
        started = await browser.get("/v1/oidc/start")

    assert started.status_code == 303, started.text
    asked = parse_qs(urlsplit(started.headers["location"]).query)
    assert (asked["p"], asked["response_type"]) == (["staff"], ["code"])


async def test_a_state_of_other_letters_is_refused_like_any_that_is_wrong(house: Callable[..., Any]) -> None:
    async with house() as browser:
        await browser.get("/v1/oidc/start")
        answer = await browser.get("/v1/oidc/callback?state=%E9%82%BB&code=x")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-message")


async def test_without_a_provider_there_is_no_such_login(stranger: httpx2.AsyncClient) -> None:
    assert (await stranger.get("/v1/oidc/start")).status_code == 404


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636 appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
