"""Says things to people in the language of their terminal: Chinese for a zh locale, English otherwise.

Standard library only and old syntax: the starter uses it before anything is installed.
"""

import os

_NAMES = ("LINLI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def in_chinese() -> bool:
    """Whether people here read Chinese. `LINLI_LANG` goes before the locale."""
    chosen = next((value for value in map(os.environ.get, _NAMES) if value), "")
    return chosen.lower().startswith("zh")


def say(zh: str, en: str) -> str:
    """The sentence in the reader's language."""
    return zh if in_chinese() else en
