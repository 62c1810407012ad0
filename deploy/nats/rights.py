"""Who may say and hear what on the bus, as NATS permissions: kept in access.json, deny by default (promise 10)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("access.json")
APPLICATION: Final = "APP"
PARTNERS: Final = "PARTNER"
SYSTEM: Final = "SYS"
DOOR: Final = "DOOR"
"""Where the server asks the doorkeeper whom to let in."""
OPERATOR: Final = "operator"
ISSUER: Final = "issuer"
"""The key by which the doorkeeper signs what it answers; not a user."""
DOORKEEPER: Final = "doorkeeper"
CONFIRMS: Final = "qry.registry.confirm-client"
"""What the doorkeeper asks registry of a partner, out of its own account."""
LOOKS: Final = "$SYS.REQ.SERVER.PING.CONNZ"
SENDS_AWAY: Final = "$SYS.REQ.SERVER.*.KICK"
"""By which the doorkeeper sees who is connected, and ends the connection of a partner that is let in no more."""
ANSWERS: Final = {"max": 1, "expires": "5m"}
"""Whoever answers may publish one message to the inbox of each request it got, for so long."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one credential may do in its account. Patterns are subjects with `*` and `>`; a second word in one of
    `subscribe` is the only queue group it may join. `never` outdoes `publish`; `answers` is about requests it gets."""

    account: str
    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    answers: bool = False

    def may_publish(self, subject: str) -> bool:
        """Whether it may publish a subject without wildcards."""
        return any(covers(it, subject) for it in self.publish) and not any(covers(it, subject) for it in self.never)

    def may_subscribe(self, subject: str, queue: str = "") -> bool:
        """Whether it may subscribe a subject, which may have wildcards, in a queue group or alone."""
        for pattern in self.subscribe:
            heard, _, group = pattern.partition(" ")
            if covers(heard, subject) and group in ("", queue):
                return True
        return False


def covers(pattern: str, subject: str) -> bool:
    """Whether all that `subject` stands for, wildcards included, lies in `pattern`."""
    wide, narrow = pattern.split("."), subject.split(".")
    for place, token in enumerate(wide):
        if token == ">":
            return len(narrow) > place
        if place >= len(narrow) or narrow[place] == ">" or (token != "*" and token != narrow[place]):
            return False
    return len(wide) == len(narrow)


def to_json(rights: Mapping[str, Rights]) -> str:
    """The text of access.json."""
    raw = {
        name: {
            "account": it.account,
            "publish": it.publish,
            "never": it.never,
            "subscribe": it.subscribe,
            "answers": it.answers,
        }
        for name, it in rights.items()
    }
    return json.dumps(raw, indent=2) + "\n"


def kept() -> dict[str, Rights]:
    """The rights of the committed file, by credential."""
    raw: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    return {
        name: Rights(it["account"], tuple(it["publish"]), tuple(it["subscribe"]), tuple(it["never"]), it["answers"])
        for name, it in raw.items()
    }


def server_block(
    keys: Mapping[str, Sequence[str]], operator_password: str | None = None, shared_inbox: bool = False
) -> str:
    """The server's accounts and users: of every credential its rights and its public keys, and no secret.

    `operator_password` adds a login by password for the operator. `shared_inbox` is the saboteur of promise 10.
    """
    users: dict[str, list[dict[str, Any]]] = {APPLICATION: [], DOOR: [], PARTNERS: [], SYSTEM: []}
    for name, rights in kept().items():
        granted = permissions(rights, shared_inbox)
        users[rights.account] += [{"nkey": key, "permissions": granted} for key in keys[name]]
        if name == OPERATOR and operator_password is not None:
            login = {"user": OPERATOR, "password": operator_password, "permissions": granted}
            users[rights.account].append(login)
    callout = {
        "issuer": keys[ISSUER][0],
        "account": DOOR,
        "auth_users": list(keys[DOORKEEPER]),
        "allowed_accounts": [PARTNERS],
    }
    return "\n".join(
        (
            f"system_account: {SYSTEM}",
            f"accounts: {json.dumps(_accounts(users), indent=1)}",
            f"authorization: {json.dumps({'auth_callout': callout}, indent=1)}",
            "",
        )
    )


def _accounts(users: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The accounts with their users, and what crosses between them: events to the partners, and to the doorkeeper what
    it asks the servers and registry."""
    return {
        SYSTEM: {
            "users": users[SYSTEM],
            "exports": [
                {"service": LOOKS, "response_type": "stream", "accounts": [DOOR]},
                {"service": SENDS_AWAY, "accounts": [DOOR]},
            ],
        },
        APPLICATION: {
            "jetstream": "enabled",
            "users": users[APPLICATION],
            "exports": [{"stream": "evt.>", "accounts": [PARTNERS]}, {"service": CONFIRMS, "accounts": [DOOR]}],
        },
        PARTNERS: {"imports": [{"stream": {"account": APPLICATION, "subject": "evt.>"}}]},
        DOOR: {
            "users": users[DOOR],
            "imports": [
                {"service": {"account": APPLICATION, "subject": CONFIRMS}},
                *({"service": {"account": SYSTEM, "subject": it}} for it in (LOOKS, SENDS_AWAY)),
            ],
        },
    }


def permissions(rights: Rights, shared_inbox: bool = False) -> dict[str, Any]:
    """The same in the words of the server's configuration."""
    heard = [*rights.subscribe, *(["_INBOX.>"] if shared_inbox else [])]
    granted: dict[str, Any] = {
        "publish": _list(rights.publish, rights.never),
        "subscribe": _list(heard, ()),
    }
    return granted | ({"allow_responses": ANSWERS} if rights.answers else {})


def _list(allowed: Iterable[str], denied: Iterable[str]) -> dict[str, list[str]]:
    """An empty list of permissions would allow everything: nothing is said as a denial of all."""
    allow, deny = list(allowed), list(denied)
    return {"allow": allow, "deny": deny} if allow else {"deny": [">"]}
