"""Memory files: large parts of frames, shared with the server without a copy."""

import fcntl
import mmap
import os
from typing import Any, List, Sequence, Tuple

# fcntl lacks these names in a Python that was built against an old C library.
F_ADD_SEALS = getattr(fcntl, "F_ADD_SEALS", 1033)
F_GET_SEALS = getattr(fcntl, "F_GET_SEALS", 1034)
# Sealing, shrinking, growing and writing.
ALL_SEALS = 1 | 2 | 4 | 8
MFD_CLOEXEC = 1
MFD_ALLOW_SEALING = 2

# Parts in a memory file begin at multiples of this.
ALIGNMENT = 64


def _libc_memfd_create(name: str, flags: int) -> int:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    fd: int = libc.memfd_create(name.encode(), ctypes.c_uint(flags))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "memfd_create failed")
    return fd


_create = getattr(os, "memfd_create", _libc_memfd_create)


def place(sizes: Sequence[int]) -> Tuple[List[int], int]:
    """Returns where parts of these sizes go in a memory file, and its size."""
    offsets = []
    end = 0
    for size in sizes:
        at = -(-end // ALIGNMENT) * ALIGNMENT
        offsets.append(at)
        end = at + size
    return offsets, end


def write_file(parts: Sequence[Any], offsets: Sequence[int], size: int) -> int:
    """Returns the descriptor of a sealed memory file with the parts in it.

    Each part is copied once, into the file; the receiver maps it.
    """
    fd: int = _create("troupe", MFD_CLOEXEC | MFD_ALLOW_SEALING)
    try:
        os.ftruncate(fd, size)
        for part, offset in zip(parts, offsets):
            rest = memoryview(part).cast("B")
            while rest.nbytes:
                done = os.pwrite(fd, rest, offset)
                rest = rest[done:]
                offset += done
        fcntl.fcntl(fd, F_ADD_SEALS, ALL_SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd


def map_file(fd: int) -> mmap.mmap:
    """Maps a sealed memory file and closes the descriptor.

    The mapping is private: a model may write to an array in it, which copies
    only the pages that it touches. Raises ValueError when the file is not
    sealed or empty, since the sender could change it meanwhile.
    """
    try:
        if fcntl.fcntl(fd, F_GET_SEALS) & ALL_SEALS != ALL_SEALS:
            raise ValueError("a memory file that is not sealed")
        size = os.fstat(fd).st_size
        if size == 0:
            raise ValueError("an empty memory file")
        return mmap.mmap(fd, size, access=mmap.ACCESS_COPY)
    except OSError as error:
        raise ValueError(f"a descriptor that is no memory file: {error}") from None
    finally:
        os.close(fd)
