"""Tokens and the one decision."""

import json
import time
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OKPKey

from contracts.catalogue import REQUESTS
from contracts.refusals import Refused
from contracts.region import NOWHERE
from deploy.local.token_keys import ISSUERS, PUBLIC_FILE, SHARED_FILE, announce, ensure_token_keys, keys_of, switch
from deploy.roles import FILE, table
from services.chassis.access import GRANTS, Actor, Facts, decide
from services.chassis.audit import START, Anchor, anchor_keys, read_anchor
from services.chassis.tokens import ALGORITHM, RELOAD_SECONDS, PublicKeys, Signer, Verifier

FENGZE, LICHENG, DONGHU = "350503000000", "350502000000", "350503001000"


@pytest.fixture
def verifier(secrets: Path) -> Verifier:
    return Verifier(secrets / "token-keys.json")


def test_a_token_tells_who_asks(secrets: Path, verifier: Verifier) -> None:
    token = Signer("gateway", secrets).mint("somebody", ["editor"], FENGZE)

    assert verifier.actor(token) == Actor("somebody", frozenset({"editor"}), FENGZE)


@pytest.mark.parametrize("token", [None, "", "junk", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(verifier: Verifier, token: str | None) -> None:
    with pytest.raises(Refused, match="unauthenticated"):
        verifier.actor(token)


def test_only_so_many_tokens_are_remembered(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "_verify", lambda token, now: (now + 60, Actor(token, frozenset())))

    for number in range(45_000):
        verifier.actor(f"token {number}")

    assert len(verifier._known) <= 20_001


def test_an_expired_token_is_refused(secrets: Path, verifier: Verifier) -> None:
    with pytest.raises(Refused, match="unauthenticated"):
        verifier.actor(Signer("gateway", secrets).mint("somebody", ["editor"], seconds=-1))


def test_a_token_of_another_key_is_refused(secrets: Path, verifier: Verifier) -> None:
    kid = keys_of(secrets / PUBLIC_FILE)[0]["kid"]
    stranger = OKPKey.generate_key("Ed25519", {"kid": kid})
    claims = {"iss": "gateway", "aud": "linli", "sub": "x", "roles": ["editor"], "region": NOWHERE}
    times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": ALGORITHM, "kid": kid}, claims | times, stranger, algorithms=[ALGORITHM])

    with pytest.raises(Refused, match="unauthenticated"):
        verifier.actor(token)


@pytest.mark.parametrize(
    ("issuer", "subject", "roles"),
    [
        ("gateway", "service:notify", ["service"]),
        ("notify", "service:registry", ["service"]),
        ("notify", "somebody", ["editor"]),
        ("notify", "service:notify", ["service", "operator"]),
        ("notify", "service:gateway", ["edge"]),
        ("notify", "anonymous", []),
    ],
)
def test_a_service_says_nothing_in_the_name_of_anybody_else(
    secrets: Path, verifier: Verifier, issuer: str, subject: str, roles: list[str]
) -> None:
    with pytest.raises(Refused, match="unauthenticated"):
        verifier.actor(Signer(issuer, secrets).mint(subject, roles))


def test_nobody_signs_as_the_gateway_with_a_key_of_their_own(secrets: Path, verifier: Verifier) -> None:
    signer = Signer("notify", secrets)
    assert verifier.actor(signer.service_token()).id == "service:notify"
    signer._issuer = "gateway"  # what a service that was taken over would try
    with pytest.raises(Refused, match="unauthenticated"):
        verifier.actor(signer.mint("somebody", ["operator"]))
    assert verifier.unseal(signer.seal({"a": "b"}, "decline-offer", 60), "decline-offer", by="gateway") is None


def test_a_link_opens_for_its_purpose_and_its_sealer_alone(secrets: Path, verifier: Verifier) -> None:
    sealed = Signer("notify", secrets).seal({"a": "b"}, "decline-offer", 60)

    assert (verifier.unseal(sealed, "decline-offer", by="notify") or {})["a"] == "b"
    assert verifier.unseal(sealed, "decline-offer", by="gateway") is None
    assert verifier.unseal(sealed, "another", by="notify") is None


def test_keys_rotate_without_a_restart_and_what_was_signed_before_stays_good(tmp_path: Path) -> None:
    ensure_token_keys(tmp_path)
    verifier, signer = Verifier(tmp_path / PUBLIC_FILE), Signer("gateway", tmp_path)
    before = signer.mint("somebody", ["editor"])
    assert verifier.actor(before).id == "somebody"

    announce(tmp_path)
    time_passes(verifier, signer)
    assert header_of(signer.mint("somebody", ["editor"])) == header_of(before)
    assert switch(tmp_path) == 0
    late = signer.mint("somebody", ["editor"])  # by a process that has not looked yet
    time_passes(verifier, signer)
    after = signer.mint("somebody", ["editor"])

    assert header_of(after) != header_of(before) == header_of(late)
    for token in (before, late, after):
        assert verifier.actor(token).id == "somebody"


@pytest.mark.parametrize("broken", [None, "", '{"keys": [{', '{"keys": [{"kty": "OKP"}]}'])
def test_while_the_file_of_keys_cannot_be_read_those_known_so_far_hold(tmp_path: Path, broken: str | None) -> None:
    ensure_token_keys(tmp_path)
    file = tmp_path / PUBLIC_FILE
    verifier, signer, whole = Verifier(file), Signer("gateway", tmp_path), file.read_text()
    assert verifier.actor(signer.mint("somebody", ["editor"])).id == "somebody"

    file.unlink()
    if broken is not None:
        file.write_text(broken)
    time_passes(verifier, signer)
    assert verifier.actor(signer.mint("another", ["editor"])).id == "another"

    file.write_text(whole)
    time_passes(verifier, signer)
    assert verifier.actor(signer.mint("third", ["editor"])).id == "third"


def test_a_key_is_retired_when_all_that_it_signed_has_ended_and_its_anchors_stay_good(tmp_path: Path) -> None:
    ensure_token_keys(tmp_path)
    old = Signer("registry", tmp_path)
    token, text = old.service_token(), Anchor("registry", 7, START, datetime.now(UTC)).sign(old)
    foreign = Anchor("activities", 7, START, datetime.now(UTC)).sign(old)
    announce(tmp_path)
    switch(tmp_path)
    public = tmp_path / PUBLIC_FILE
    public.write_text(public.read_text().replace('"until": "20', '"until": "19'))
    announce(tmp_path)

    assert switch(tmp_path) == len(ISSUERS)
    with pytest.raises(Refused):
        Verifier(public).actor(token)
    assert read_anchor(text, anchor_keys(tmp_path)).signed
    assert not read_anchor(foreign, anchor_keys(tmp_path)).signed
    assert not read_anchor(text, PublicKeys(public)).signed


def test_what_one_key_signed_for_all_is_the_gateways_when_everybody_gets_a_key(tmp_path: Path) -> None:
    shared = OKPKey.generate_key("Ed25519", {"kid": "shared"})
    (tmp_path / SHARED_FILE).write_text(json.dumps(shared.as_dict(private=True)))
    (tmp_path / PUBLIC_FILE).write_text(json.dumps({"keys": [shared.as_dict(private=False)]}))
    old = Signer("activities", tmp_path)
    anchor, token = Anchor("activities", 7, START, datetime.now(UTC)).sign(old), old.service_token()

    ensure_token_keys(tmp_path)

    verifier = Verifier(tmp_path / PUBLIC_FILE)
    assert header_of(Signer("gateway", tmp_path).mint("somebody", ["editor"])) == "shared"
    assert verifier.actor(Signer("activities", tmp_path).service_token()).id == "service:activities"
    assert read_anchor(anchor, anchor_keys(tmp_path)).signed
    with pytest.raises(Refused):
        verifier.actor(token)


def header_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


def time_passes(verifier: Verifier, signer: Signer) -> None:
    """As if both had last looked at their files longer ago than they may."""
    verifier._checked = 0.0
    signer._checked = -RELOAD_SECONDS


def test_a_role_acts_in_its_own_subtree_alone() -> None:
    editor = Actor("somebody", frozenset({"editor"}), FENGZE)

    assert decide(editor, "activities.plan", DONGHU) is None
    assert decide(editor, "activities.plan", LICHENG) is not None
    assert decide(editor, "volunteers.hours.approve", DONGHU) is not None


def test_a_permission_in_no_row_is_allowed_to_nobody() -> None:
    assert all(decide(Actor("x", frozenset({role})), "no.such.thing") for role in GRANTS)


def test_every_contract_names_a_permission_that_somebody_has() -> None:
    granted = frozenset().union(*GRANTS.values())

    assert {request.contract.permission for request in REQUESTS} <= granted


def test_an_auditor_changes_nothing() -> None:
    commands = {each.contract.permission for each in REQUESTS if each.contract.kind == "command"} - {
        "public",
        "account.own",
    }

    assert not GRANTS["auditor"] & commands


REGIONS = (
    NOWHERE,
    "350000000000",
    "350500000000",
    FENGZE,
    LICHENG,
    DONGHU,
    "350503001007",
    "",
    "3505",
    "junk",
    "३५०५०३००००००",
)


def may(roles: set[str], permission: str, scope: str, region: str) -> bool:
    """The oracle: digit by digit, without the house's own code of regions."""
    holds = any(f"| `{permission}` |" in line and _marked(line, role) for line in LINES for role in roles)
    if len(scope) != 12 or len(region) != 12 or not (scope + region).isascii() or not (scope + region).isdigit():
        return False
    significant = next(cut for cut in (0, 2, 4, 6, 9, 12) if set(scope[cut:]) <= {"0"})
    return holds and scope[:significant] == region[:significant]


LINES = FILE.read_text("utf-8").splitlines()
COLUMNS = next(line for line in LINES if line.startswith("| permission")).split(" | ")


def _marked(line: str, role: str) -> bool:
    return line.split("|")[COLUMNS.index(role) + 1].strip() == "yes"


def test_the_table_that_people_read_is_the_one_that_decides() -> None:
    assert FILE.read_text("utf-8") == table()


@pytest.mark.parametrize("role", GRANTS)
def test_every_cell_of_the_table_is_decided_as_it_says(role: str) -> None:
    permissions = {request.contract.permission for request in REQUESTS} | {"no.such.thing"}
    for permission in permissions:
        for scope in REGIONS:
            actor = Actor("somebody", frozenset({role}), scope)
            for region in REGIONS:
                allowed = decide(actor, permission, region) is None
                assert allowed == may({role}, permission, scope, region), (role, permission, scope, region)


FACTS = [Facts(*known) for known in product((False, True), repeat=3)]


def by_facts(permission: str, own: bool, protected: bool, opened: bool) -> str | None:
    """The oracle: what the facts of a case forbid to whoever has role and region."""
    if permission in ("registry.records.approve", "registry.requests.answer") and own:
        return "own-request"
    if permission == "registry.records.read" and (protected, opened) == (True, False):
        return "approval-needed"
    return None


@pytest.mark.parametrize("role", GRANTS)
def test_facts_only_forbid_and_never_allow(role: str) -> None:
    """Every role, permission and combination of facts, inside the region and beside it."""
    for permission in {request.contract.permission for request in REQUESTS} | {"no.such.thing"}:
        for facts in FACTS:
            actor = Actor("somebody", frozenset({role}), FENGZE)
            here, elsewhere = (decide(actor, permission, region, facts) for region in (DONGHU, LICHENG))
            forbidden = by_facts(permission, facts.own, facts.protected, facts.opened)
            code = forbidden if may({role}, permission, FENGZE, DONGHU) else "not-permitted"
            assert (here.code if here else None) == code, (permission, facts)
            assert elsewhere is not None, (permission, facts)
            assert elsewhere.code == "not-permitted", (permission, facts)


def test_a_denial_says_what_was_missing_where_and_who_has_it() -> None:
    refusal = decide(Actor("somebody", frozenset({"reader"}), FENGZE), "activities.plan", LICHENG)

    assert refusal is not None
    assert refusal.params == {"permission": "activities.plan", "region": LICHENG, "functions": "editor"}
    assert "activities.plan" in refusal.reason.sentence("en", refusal.params)
    assert "editor" in refusal.reason.sentence("zh", refusal.params)
