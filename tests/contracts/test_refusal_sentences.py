"""No refusal leaves a gap in its sentence: whoever raises it names all that the sentence speaks of."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import contracts
import services.gateway.refusals
from contracts.refusals import Reason, reason_of

HOMES = [Path(next(iter(package.__path__))) for package in (contracts, services)]


def raised() -> Iterator[tuple[str, ast.Call, str]]:
    """Each `Refusal("code", ...)` and `Refused("code", ...)` of the source, with its place."""
    for path in (path for home in HOMES for path in home.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("Refusal", "Refused") and node.args:
                [code, *_] = node.args
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value, node, f"{path}:{node.lineno}"


def gaps(reason: Reason) -> set[str]:
    return {name for sentence in (reason.zh, reason.en) for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_refusal_names_what_its_sentence_speaks_of() -> None:
    found = list(raised())

    assert len(found) > 400
    for code, call, place in found:
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:  # parameters that are collected elsewhere
            assert gaps(reason_of(code)) <= given, f"{code} at {place}"
