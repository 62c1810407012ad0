"""What volunteers is asked, and the facts it states (domain.md, features V1-V22; MCA Order 67)."""

from .. import refusals as refusals
from .accesses import *
from .certificates import *
from .clearances import *
from .codes import *
from .consents import *
from .hours import *
from .retention import *
from .rights import *
from .shifts import *
from .teams import *
