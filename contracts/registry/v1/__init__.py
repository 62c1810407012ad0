"""What registry is asked, and the facts it states (domain.md, features R1-R5, R26, R29, R30)."""

from .. import refusals as refusals
from .accesses import *
from .accounts import *
from .approvals import *
from .clients import *
from .codes import *
from .consents import *
from .delegations import *
from .divisions import *
from .logins import *
from .people import *
from .privacy_notices import *
from .requests import *
from .retention import *
from .rights import *
from .sealing import *
from .sites import *
from .units import *
