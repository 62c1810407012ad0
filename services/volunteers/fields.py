"""Refusals of one field where the service's own list has no code of its own."""

from contracts.refusals import Refusal


def wrong(field: str, problem: str) -> Refusal:
    """`invalid-message` that points at a field (RFC 6901) and names what is wrong with it."""
    return Refusal("invalid-message", errors=[{"pointer": f"#/{field}", "problem": problem}])
