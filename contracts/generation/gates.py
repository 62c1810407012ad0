"""All gates in one place: what `contracts check` and the tests ask."""

from collections.abc import Iterator

from . import files
from .compatibility import Version, breaks, released, today
from .rules import findings
from .topology import hearers


def problems() -> Iterator[str]:
    """Everything that must not be merged: broken promises to released versions, broken rules, stale files."""
    yield from promises_broken()
    yield from findings()
    yield from files.stale()


def promises_broken() -> Iterator[str]:
    """What today's contracts break of the released versions."""
    now, heard = today(), hearers()
    for old in released():
        yield from breaks(old, now, heard)
        yield from samples_broken(old)


def samples_broken(old: Version) -> Iterator[str]:
    """Golden samples of a released version that today's classes cannot read."""
    for path in sorted((files.RELEASED / old.name / "samples").glob("*.json")):
        if trouble := files.unreadable(path.stem, path.read_bytes()):
            yield f"the sample {path.stem} of {old.name} is no longer read: {trouble}"
