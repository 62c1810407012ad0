"""The link of an offer's letter: opening it changes nothing, its button declines, again it is answered alike (A10)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.activities.v1 import DeclineByLink, EnrolmentState, EnrolmentStatus
from contracts.refusals import Refusal
from services.chassis.tokens import Signer
from services.gateway.declining import PURPOSE
from tests.gateway.conftest import ENROLMENT, SESSION, StandIn

ANSWER_BY = datetime(2026, 12, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
async def activities(stand_in: Callable[..., Any]) -> StandIn:
    """Activities declines every offer."""
    declined = EnrolmentState(
        enrolment_id=ENROLMENT, session_id=SESSION, status=EnrolmentStatus.WITHDRAWN, seats=1, version=3
    )
    made: StandIn = await stand_in(DeclineByLink, lambda _: declined)
    return made


def link(secrets: Path, purpose: str = PURPOSE, seconds: int = 600) -> str:
    content = {"enrolment_id": str(ENROLMENT), "answer_by": ANSWER_BY.isoformat()}
    return f"/decline/{Signer('notify', secrets).seal(content, purpose, seconds)}"


async def test_the_page_asks_and_its_button_declines_as_often_as_it_is_pressed(
    stranger: httpx2.AsyncClient, activities: StandIn, secrets: Path
) -> None:
    address = link(secrets)

    asked = await stranger.get(address)
    assert (asked.status_code, activities.messages) == (200, [])
    assert "放弃名额" in asked.text
    assert "form-action 'self'" in asked.headers["content-security-policy"]
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["referrer-policy"] == "no-referrer"

    answers = [await stranger.post(address) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert "已放弃" in answers[0].text
    (first, offer), (second, _) = activities.messages
    assert offer == {"enrolment_id": str(ENROLMENT), "answer_by": "2026-12-24T03:00:00Z"}
    assert first["Linli-Command-Id"] == second["Linli-Command-Id"]


async def test_a_link_that_is_none_or_over_or_for_something_else_asks_nobody(
    stranger: httpx2.AsyncClient, activities: StandIn, secrets: Path
) -> None:
    good = link(secrets)
    for address in ("/decline/none", good[:-8], link(secrets, "linli-oidc"), link(secrets, seconds=-1)):
        for answer in (await stranger.get(address), await stranger.post(address)):
            assert answer.status_code == 410
            assert "链接已失效" in answer.text
    assert activities.messages == []


async def test_an_offer_that_is_gone_is_told_in_words(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any], secrets: Path
) -> None:
    await stand_in(DeclineByLink, lambda _: Refusal("no-offer"))

    answer = await stranger.post(link(secrets))

    assert (answer.status_code, "目前没有保留给该家庭的名额" in answer.text) == (409, True)
