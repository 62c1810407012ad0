"""Whether a file's bytes have a place on the disk yet, as the file system tells (FIEMAP)."""

import fcntl
import struct
from pathlib import Path
from typing import Final

FS_IOC_FIEMAP: Final = 0xC020660B
DELAYED: Final = 0x4
"""FIEMAP_EXTENT_DELALLOC: in the page cache alone, a place is found when it is written back."""
MOST: Final = 512
HEADER: Final = struct.Struct("=QQLLLL")
EXTENT: Final = struct.Struct("=QQQQQLLLL")


def delayed_bytes(file: Path) -> int:
    """How many bytes of the file exist in the page cache only. Raises OSError where the file system cannot tell."""
    answer = bytearray(HEADER.pack(0, 2**64 - 1, 0, 0, MOST, 0) + bytes(EXTENT.size * MOST))
    with file.open("rb") as opened:
        fcntl.ioctl(opened, FS_IOC_FIEMAP, answer)
    count = HEADER.unpack_from(answer)[3]
    extents = [EXTENT.unpack_from(answer, HEADER.size + number * EXTENT.size) for number in range(count)]
    return sum(extent[2] for extent in extents if extent[5] & DELAYED)
