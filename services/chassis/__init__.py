"""The house's only plumbing: every service stands on it, and it knows nothing of the business.

Use: `service = Service("activities")`, then its decorators `decides`, `answers`, `reacts_to`, `remembers`,
`when_due`, `works`; `app.py` wires it with `ServiceApp`. Everything else here is for the chassis itself.
"""

from .handlers import Asked, Due, Service
from .transaction import Transaction

__all__ = ["Asked", "Due", "Service", "Transaction"]
