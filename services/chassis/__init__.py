"""The house's only plumbing: every service stands on it, and it knows nothing of the business.

Use: `service = Service("activities")`, then its decorators `decides`, `answers`, `reacts_to`, `remembers`,
`when_due`, `works`; `app.py` wires it with `ServiceApp`. Everything else here is for the chassis itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .handlers import Asked, Due, Service
    from .transaction import Transaction

__all__ = ["Asked", "Due", "Service", "Transaction"]


def __getattr__(name: str) -> Any:
    """Loads what a service asks for; the migrator and its like need the plumbing's smaller parts alone."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{'transaction' if name == 'Transaction' else 'handlers'}"), name)
