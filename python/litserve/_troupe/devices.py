"""Which devices a LitServer asks for."""

import os
import subprocess
import sys
from typing import Any, List

from ..errors import Refused

_KNOWN = ("auto", "cpu", "cuda", "gpu", "mps")


def resolve(accelerator: Any, devices: Any) -> List[str]:
    """Returns the devices as `setup` gets them, e.g. `cuda:0`.

    Raises Refused for what is no accelerator or no device.
    """
    kind = "auto" if accelerator is None else str(accelerator).lower()
    if kind not in _KNOWN:
        raise Refused(f"accelerator must be one of {', '.join(_KNOWN)}, got "
                      f"{accelerator!r}")
    if devices != "auto" and not _is_count(devices) \
            and not (isinstance(devices, (list, tuple)) and devices
                     and all(_is_index(x) for x in devices)):
        raise Refused('devices must be "auto", a number from 1 on or a list of '
                      f"numbers, got {devices!r}")
    if kind == "auto":
        kind = _of_torch()
    elif kind == "gpu":
        kind = "mps" if sys.platform == "darwin" else "cuda"
    if kind == "cpu":
        return ["cpu"]
    if kind == "mps":
        return ["mps"]
    if devices == "auto":
        count = count_gpus()
        if count == 0:
            raise Refused('accelerator is "cuda", but nvidia-smi -L lists no '
                          "GPU that CUDA_VISIBLE_DEVICES lets it see. Name the "
                          'devices, e.g. devices=[0], or use accelerator="cpu"')
        devices = count
    numbers = range(devices) if isinstance(devices, int) else devices
    return [f"cuda:{x}" for x in numbers]


def _is_index(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool) and x >= 0


def _is_count(x: Any) -> bool:
    return _is_index(x) and x > 0


def _of_torch() -> str:
    """Returns what PyTorch finds, when the file has imported it."""
    torch = sys.modules.get("torch")
    try:
        if torch is not None and torch.cuda.is_available():
            return "cuda"
        if torch is not None and torch.backends.mps.is_available():
            return "mps"
    except AttributeError:
        pass
    return "cpu"


def count_gpus() -> int:
    """Returns how many GPUs of NVIDIA's this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True,
                                text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = sum(x.startswith("GPU ") for x in listed.splitlines())
    if visible is None:
        return found
    return min(found, len([x for x in visible.split(",")
                           if x.strip() not in ("", "-1")]))
