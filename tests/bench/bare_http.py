"""The bare edge beside which the gateway is measured: one validated POST on Starlette, and nothing behind it."""

import sys

import uvicorn
from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.activities.v1 import Enrol

READER = TypeAdapter(Enrol)


async def answer(request: Request) -> Response:
    command = READER.validate_json(await request.body())
    return Response(command.model_dump_json(), media_type="application/json")


app = Starlette(routes=[Route("/enrol", answer, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="warning", access_log=False)
