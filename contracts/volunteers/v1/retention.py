"""The fact that volunteers let go of records by its schedule."""

from ...retention import Purged

__all__ = [
    "VolunteersRecordsPurged",
]


class VolunteersRecordsPurged(Purged, fact="record.purged"):
    """Records of volunteers whose time was over are deleted; the audit log has a row of it."""
