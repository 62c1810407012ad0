"""Who may do what, as a table: made from `GRANTS` and the contracts, kept in docs/roles.md.

`python -m deploy.roles` writes the file, `--check` fails when it is stale.
"""

import sys
from pathlib import Path
from typing import Final

from contracts.catalogue import REQUESTS
from services.chassis.access import BY_ANOTHER, GRANTS, ON_APPROVAL

FILE: Final = Path(__file__).parents[1] / "docs" / "roles.md"
HEAD: Final = """# Who may do what

Made by `python -m deploy.roles`. A role holds a permission in the subtree of its region and nowhere else; a permission
without a mark is nobody's. `public` needs no login. The functions of office (reader to operator) follow from posts:
`FUNCTIONS` in `services/registry/appointments/rules.py`. Commands are set in **bold**.
"""


def table() -> str:
    """The whole document."""
    roles = list(GRANTS)
    lines = [HEAD, f"| permission | {' | '.join(roles)} | asked by |", f"| --- |{' --- |' * len(roles)} --- |"]
    asked: dict[str, list[str]] = {permission: [] for grants in GRANTS.values() for permission in grants}
    for request in REQUESTS:
        name = f"**{request.__name__}**" if request.contract.kind == "command" else request.__name__
        asked.setdefault(request.contract.permission, []).append(name)
    for permission in sorted(asked):
        marks = " | ".join("yes" if permission in GRANTS[role] else "" for role in roles)
        lines.append(f"| `{permission}` | {marks} | {', '.join(sorted(asked[permission]))} |")
    return "\n".join([*lines, "", *_facts()]) + "\n"


def _facts() -> list[str]:
    """What the case itself must allow as well."""
    by_another, on_approval = (", ".join(f"`{each}`" for each in sorted(some)) for some in (BY_ANOTHER, ON_APPROVAL))
    return [
        f"Nobody uses {by_another} on a request of her own, nor on one of the holder of the post she stands in for.",
        f"On a minor's record {on_approval} holds only while the record is opened to her: on approval by somebody",
        "else, or by break-glass (decision 0019).",
    ]


def main() -> int:
    """Writes the file; with --check only compares."""
    if "--check" in sys.argv:
        stale = not FILE.exists() or FILE.read_text("utf-8") != table()
        if stale:
            print("docs/roles.md is stale: run `python -m deploy.roles`", file=sys.stderr)
        return int(stale)
    FILE.write_text(table(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
