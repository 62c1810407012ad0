"""What activities is asked, and the facts it states (domain.md, features A1-A25)."""

from .. import refusals as refusals
from .accesses import *
from .attendance import *
from .cadence import *
from .calendar import *
from .codes import *
from .consents import *
from .counting import *
from .custody import *
from .door import *
from .draws import *
from .enrolment import *
from .feedback import *
from .feeds import *
from .figures import *
from .gates import *
from .lectures import *
from .offers import *
from .passes import *
from .planning import *
from .programmes import *
from .queue import *
from .reports import *
from .retention import *
from .rights import *
from .series import *
from .series_rules import *
from .sessions import *
from .standing import *
from .statistics import *
from .term_plans import *
from .terms import *
from .visits import *
