"""The fact that activities let go of records by its schedule."""

from ...retention import Purged

__all__ = [
    "ActivitiesRecordsPurged",
]


class ActivitiesRecordsPurged(Purged, fact="record.purged"):
    """Records of activities whose time was over are deleted; the audit log has a row of it."""
