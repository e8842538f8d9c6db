"""Arrays of numbers: numpy's where it is installed, without importing it."""

import sys
from typing import Any, Dict, List, Optional

from .errors import HTTPError

NPY = "application/x-npy"
# An array of at most so many elements is written into the text.
SMALL = 16

_DTYPES = {"?": "bool", "b1": "bool", "i1": "int8", "i2": "int16",
           "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16",
           "u4": "uint32", "u8": "uint64", "f4": "float32", "f8": "float64"}
_KINDS = {"b": "i", "h": "i", "i": "i", "l": "i", "q": "i", "B": "u", "H": "u",
          "I": "u", "L": "u", "Q": "u", "f": "f", "d": "f"}


class Tensor:
    """An array as the protocol has it: little-endian, row-major."""

    __slots__ = ("dtype", "shape", "data")

    def __init__(self, dtype: str, shape: List[int], data: Any) -> None:
        self.dtype = dtype
        self.shape = shape
        self.data = data


def is_array(value: Any) -> bool:
    """Returns whether the value is a numpy array."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def plain(value: Any, small: int = SMALL) -> Any:
    """Returns what JSON knows instead of a value that it does not: a Tensor
    for an array of more than `small` elements, lists, dicts, numbers, texts.

    What is plain already comes back as it is. Raises TypeError when there is
    nothing.
    """
    if value is None or isinstance(value, (str, float, int, dict, list, tuple)):
        return value
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            return _of_numpy(value, numpy, small)
        if isinstance(value, numpy.generic):
            item = value.item()
            # A long double has no number of Python's that is as long.
            return float(item) if isinstance(item, numpy.generic) else item
    if type(value).__module__ == "array" and hasattr(value, "typecode"):
        return _of_array(value, small)
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # PyTorch
        return plain(value.detach().cpu().numpy(), small)
    return _of_object(value)


def _of_numpy(value: Any, numpy: Any, small: int) -> Any:
    kind = value.dtype.kind
    if kind == "f" and value.dtype.itemsize not in (4, 8):
        value = value.astype("f4" if value.dtype.itemsize < 4 else "f8")
    if value.size <= small:
        return value.tolist()
    name = _DTYPES.get(f"{kind}{value.dtype.itemsize}")
    if name is None:
        return value.tolist()
    value = numpy.ascontiguousarray(value, value.dtype.newbyteorder("<"))
    return Tensor(name, list(value.shape), memoryview(value).cast("B"))


def _of_array(value: Any, small: int) -> Any:
    kind = _KINDS.get(value.typecode)
    if len(value) <= small or kind is None or sys.byteorder != "little":
        return value.tolist()
    return Tensor(_DTYPES[f"{kind}{value.itemsize}"], [len(value)],
                  memoryview(value).cast("B"))


def _of_object(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)  # pydantic
    if callable(dump):
        try:
            return dump(mode="json")
        except TypeError:
            return dump()
    if hasattr(value, "__fields__") and hasattr(value, "dict"):  # pydantic 1
        return value.dict()
    fields: Optional[Dict[str, Any]] = getattr(value, "__dataclass_fields__",
                                               None)
    if fields is not None and not isinstance(value, type):
        return {name: getattr(value, name) for name in fields}
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return value.value
    if type(value).__module__ == "datetime" and hasattr(value, "isoformat"):
        return value.isoformat()
    if type(value).__module__ == "uuid":
        return str(value)
    hint = ""
    if isinstance(value, (bytes, bytearray, memoryview)):
        hint = "; return the bytes by themselves, or as text, e.g. base64"
    raise TypeError(f"JSON has nothing for {type(value).__module__}."
                    f"{type(value).__qualname__}{hint}")


# -- .npy ---------------------------------------------------------------------

def read_npy(data: Any) -> Any:
    """Returns the array of a .npy text, over the bytes where they are.

    Bytes that were not mapped are copied, so that the array can be written to.
    Raises HTTPError 415 without numpy, 400 for what is no such array.
    """
    try:
        import numpy
    except ImportError:
        raise HTTPError(415, f"{NPY} needs numpy, which this model's Python "
                        "does not have; send application/json",
                        {"Accept": "application/json"}) from None
    view = memoryview(data)
    try:
        if bytes(view[:6]) != b"\x93NUMPY":
            raise ValueError("it does not begin with \\x93NUMPY")
        major = view[6]
        width = 2 if major == 1 else 4
        begin = 8 + width
        size = int.from_bytes(view[8:begin], "little")
        if not 1 <= major <= 3 or size > 65_536:
            raise ValueError("an unknown version")
        header = _literal(str(view[begin:begin + size], "utf-8"))
        dtype = numpy.dtype(header["descr"])
        shape = header["shape"]
        if dtype.hasobject or dtype.itemsize == 0:
            raise ValueError("its elements are no plain numbers")
        if not isinstance(shape, tuple) \
                or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError("a bad shape")
        count = 1
        for n in shape:
            count *= n
        rest = view[begin + size:]
        if rest.nbytes != count * dtype.itemsize:
            raise ValueError(f"expected {count * dtype.itemsize} bytes of "
                             f"elements, got {rest.nbytes}")
        flat = numpy.frombuffer(rest, dtype) if count else numpy.empty(0, dtype)
        if not flat.flags.writeable:
            flat = flat.copy()
        if header["fortran_order"]:
            return flat.reshape(shape[::-1]).T
        return flat.reshape(shape)
    except (ValueError, TypeError, KeyError, IndexError, SyntaxError,
            RecursionError) as error:
        raise HTTPError(400, f"malformed npy: {error}") from None


def _literal(text: str) -> Dict[str, Any]:
    import ast

    value = ast.literal_eval(text.strip())
    if not isinstance(value, dict):
        raise ValueError("a bad header")
    return value


def write_npy(value: Any) -> bytes:
    """Returns an array as a .npy text."""
    import numpy

    value = numpy.ascontiguousarray(value).reshape(value.shape)
    if value.dtype.hasobject:
        raise TypeError("an array of objects cannot be sent")
    descr = numpy.lib.format.dtype_to_descr(value.dtype)
    header = (f"{{'descr': {descr!r}, 'fortran_order': False, "
              f"'shape': {value.shape!r}, }}").encode("latin-1")
    header += b" " * (-(11 + len(header)) % 64) + b"\n"
    return b"".join((b"\x93NUMPY\x01\x00", len(header).to_bytes(2, "little"),
                     header, value.tobytes() if value.ndim == 0
                     else memoryview(value.reshape(-1)).cast("B")
                     if value.size else b""))
