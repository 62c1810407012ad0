"""`python -m contracts.generation` writes every made file, `--check` says what is wrong and exits 1."""

import sys

from . import files
from .gates import problems


def main(arguments: list[str]) -> int:
    """Exit status: 0 when all is well, 1 when `--check` found something, 2 for an unknown argument."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if arguments:
        lines = list(problems())
    else:
        lines = [f"wrote {path.relative_to(files.HOME.parent)}" for path in files.write()]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(bool(arguments and lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
