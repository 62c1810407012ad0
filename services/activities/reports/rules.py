"""What a session's report shows, and how it is drafted. No I/O, no clock."""

from collections.abc import Sequence

from contracts.activities.v1 import Cost, Figures, Photo, PhotoMark
from services.activities.counting.rules import phrase
from services.activities.sessions.rules import SHANGHAI, Session

SHOWN = (PhotoMark.CONSENTED, PhotoMark.NO_FACE)


def shown(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """The photos that may leave the house: everybody on them agreed, or nobody can be recognised (A29)."""
    return tuple(photo for photo in photos if photo.mark in SHOWN)


def draft(session: Session, place: str, topic: str | None, figures: Figures, costs: Sequence[Cost]) -> str:
    """The text for the newsletter: date, place, title, topic of a lecture, counts in figures and, where large, as
    officials say them."""
    day = session.starts_at.astimezone(SHANGHAI)
    came = "" if figures.persons is None else f"，{figures.persons}人参加"
    said = "" if figures.phrase in (None, phrase(figures.person_times or 0)) else f"（{figures.phrase}）"
    heads = f"（现场清点{figures.declared_heads}人）" if figures.declared_heads else ""
    cents = sum(cost.cents for cost in costs)
    spent = f"活动支出{cents // 100}.{cents % 100:02}元。" if cents else ""
    about = f"，主题为“{topic}”" if topic else ""
    return f"{day.year}年{day.month}月{day.day}日，{place}开展“{session.title}”活动{about}{came}{said}{heads}。{spent}"
