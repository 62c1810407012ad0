import pytest
from tests.under_test import *
from tests.conftest import *
@pytest.fixture(scope="module")
async def reg(servers):
    async with ServiceUnderTest.started("registry", servers) as s:
        yield s
        print("TEARDOWN", flush=True)
    print("TORN", flush=True)
async def test_x(reg):
    assert await reg.pool.fetchval("select 1")==1
