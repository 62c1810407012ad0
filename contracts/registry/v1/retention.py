"""The fact that registry let go of records by its schedule."""

from ...retention import Purged

__all__ = [
    "RegistryRecordsPurged",
]


class RegistryRecordsPurged(Purged, fact="record.purged"):
    """Records of registry whose time was over are deleted; the audit log has a row of it."""
