"""The frame of our own pages: Chinese first, English second, nothing loaded from elsewhere. No I/O."""

from collections.abc import Mapping
from html import escape
from typing import Final

from starlette.responses import Response

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FRAME: Final = """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <link rel="icon" href="/static/icon.svg">
  <link rel="stylesheet" href="/static/linli.css">
{head}</head>
<body>
<main>
{main}</main>
</body>
</html>
"""
UNSEARCHED: Final = '  <meta name="robots" content="noindex">\n'


def page(
    title: str, main: str, status: int = 200, *, head: str = UNSEARCHED, headers: Mapping[str, str] | None = None
) -> Response:
    """A page; `main` and `head` are HTML, the title is a text."""
    body = FRAME.format(title=escape(title), head=head, main=main)
    said = {"content-security-policy": POLICY, "content-language": "zh-CN", **(headers or {})}
    return Response(body, status, headers=said, media_type="text/html; charset=utf-8")


def sentences(words: tuple[str, str], status: int = 200, *, more: str = "") -> Response:
    """A page that says one thing, in Chinese and in English; `more` is HTML below it."""
    zh, en = map(escape, words)
    said = f'  <h1>邻里 <small lang="en">Linli</small></h1>\n  <p>{zh}</p>\n  <p class="en" lang="en">{en}</p>\n'
    return page("邻里 · Linli", said + more, status)
