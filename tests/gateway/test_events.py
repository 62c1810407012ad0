"""The live feed: filters, scope, resume without gap or double, and an end in every case."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from nats.aio.client import Client as Nats
from uuid_utils.compat import uuid7

from contracts import envelope
from contracts.activities.v1 import SessionCancelled
from contracts.catalogue import SERVICES
from contracts.registry.v1 import SiteClosed
from deploy.local.nats import EmbeddedNats
from services.gateway.app import Gateway

from .conftest import client_of, settings_for
