"""Statistics over 1,000,000 attendances: each panel as the service answers it, beside the naive query over the facts.

The facts are written by SQL and the sums recounted from them (tests/activities/recount.py); what a closing costs, and
that the kept sums stay those of the facts, is measured through the service's own handlers.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from contracts.activities.v1 import GetStatistics, StatisticsBy
from contracts.client import Client
from deploy.local.stack import Stack
from deploy.postgres.provision import database_of, dsn_in
from services.chassis.scope import UNBOUND
from tests.activities.archive import people_of, spread
from tests.activities.recount import FILL_PRESENCE, FILL_TALLY
from tests.bench.shape import Case, Report, median_case, percentile, tell
from tests.bench.town import CITY, opened

ATTENDANCES: Final = 1_000_000
ASKED: Final = 200
PANELS: Final = {
    "city by district, year": GetStatistics(region=CITY, period="2026", by=StatisticsBy.REGION),
    "city by month, year": GetStatistics(region=CITY, period="2026", by=StatisticsBy.MONTH),
    "city by programme, quarter": GetStatistics(region=CITY, period="2026Q2", by=StatisticsBy.PROGRAMME),
    "city by audience, year": GetStatistics(region=CITY, period="2026", by=StatisticsBy.AUDIENCE),
    "street by community, month": GetStatistics(region="350503001000", period="2026-05", by=StatisticsBy.REGION),
}
