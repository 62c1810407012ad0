"""Statistics as a sheet for the office: the same numbers as `get-statistics`, asked with the caller's own token."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from starlette.responses import Response

from contracts.activities.v1 import Figures, GetStatistics, Statistics, StatisticsBy
from contracts.refusals import Refused
from contracts.registry.v1 import GetDivision
from services.chassis.clock import Clock, day_of
from services.gateway.bus import Bus
from services.gateway.identity import Identity
from services.gateway.opening import open_query
from services.gateway.routing import Call, Route

if TYPE_CHECKING:
    from services.gateway.feeds.sheet import Cell, Sheet

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARTED: Final = {
    StatisticsBy.MONTH: "月份",
    StatisticsBy.REGION: "地区",
    StatisticsBy.PROGRAMME: "项目",
    StatisticsBy.PROJECT: "购买服务项目",
    StatisticsBy.SITE: "阵地",
    StatisticsBy.AUDIENCE: "年龄段",
}
HEADER: Final = ("场次", "人次", "人数", "仅申报人数的场次", "申报人数", "说明")
AT_ONCE: Final = 16


class Exports:
    """Asks activities for numbers and registry for the names of regions."""

    def __init__(self, bus: Bus, identity: Identity, clock: Clock) -> None:
        self._bus, self._identity, self._clock = bus, identity, clock
        self._room, self._desk = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore()

    def route(self) -> Route:
        return Route("GET", "/exports/statistics.xlsx", self.statistics)

    async def statistics(self, call: Call) -> Response:
        """Parameters as of `get-statistics`. Raises Refused as that does."""
        query = cast(GetStatistics, open_query(GetStatistics, {}, call.query_string)[0])
        _, token = await self._identity.admit(call, query.contract.permission)
        found = await self._bus.client_for("activities").ask(query, token=token)
        codes = [query.region, *([cell.key for cell in found.cells] if query.by is StatisticsBy.REGION else [])]
        names = dict(zip(codes, await asyncio.gather(*(self._name(code, token) for code in codes)), strict=True))
        async with self._desk:
            sheet, body = await asyncio.to_thread(_written, found, query.by, names, day_of(self._clock.now()))
        file = f"{sheet.title}.xlsx"
        headers = {"content-disposition": f"attachment; filename=\"statistics.xlsx\"; filename*=UTF-8''{quote(file)}"}
        return Response(body, headers=headers, media_type=TYPE)

    async def _name(self, code: str, token: str) -> str:
        """A region's name; its code where registry has none or is away."""
        try:
            async with self._room:
                return (await self._bus.client_for("registry").ask(GetDivision(code=code), token=token)).name
        except Refused:
            return code


def _written(found: Statistics, by: StatisticsBy, names: dict[str, str], on: date) -> "tuple[Sheet, bytes]":
    """The sheet and its file. A large one takes most of a second: written in a thread, others are served."""
    from services.gateway.feeds.sheet import to_xlsx  # here: the gateway starts sooner and smaller without openpyxl

    sheet = sheet_of(found, by, names, on)
    return sheet, to_xlsx(sheet)


def sheet_of(found: Statistics, by: StatisticsBy, names: dict[str, str], on: date) -> "Sheet":
    """The table of a region and period, one row a cell."""
    from services.gateway.feeds.sheet import Sheet

    rows = [[_told(cell.key, cell.name, by, names), *_cells(cell.figures)] for cell in found.cells]
    return Sheet(
        title=f"{_period(found.period)}活动统计表",
        unit=names.get(found.region, found.region),
        on=on,
        measures="场、人次、人",
        header=(PARTED[by], *HEADER),
        rows=rows,
        total=("", *_cells(found.total)),
    )


def _told(key: str, name: str | None, by: StatisticsBy, names: dict[str, str]) -> str:
    if by is StatisticsBy.MONTH:
        return _period(key)
    return name or names.get(key, key)


def _cells(figures: Figures) -> "list[Cell]":
    hidden = "人数过少，不予公布" if figures.person_times is None else ""
    return [
        figures.sessions_held,
        figures.person_times,
        figures.persons,
        figures.sessions_declared,
        figures.declared_heads,
        hidden,
    ]


def _period(period: str) -> str:
    """`2026年3月`, `2026年第2季度`, `2026年上半年`, `2026年`."""
    year, kind, number = period[:4], period[4:5], period[5:]
    if kind == "-":
        return f"{year}年{int(number)}月"
    if kind == "Q":
        return f"{year}年第{number}季度"
    return f"{year}年{'上半年' if number == '1' else '下半年'}" if kind == "H" else f"{year}年"
