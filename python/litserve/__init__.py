"""The names of LitServe, for files that are served by Troupe.

`troupe serve server.py` and, with this package on the path, `python server.py`
serve a file that was written for LitServe. docs/from-litserve.md says what is
the same, what is better and what is refused.
"""

from . import mcp, test_examples
from .api import LitAPI
from .callbacks.base import Callback
from .loggers import Logger
from .server import LitServer
from .specs.base import LitSpec
from .specs.openai import OpenAISpec
from .specs.openai_embedding import OpenAIEmbeddingSpec
from .utils import (add_log_handler, configure_logging, set_log_level,
                    set_trace, set_trace_if_debug)
from .web import Request, Response

# The version of LitServe whose names and behaviour these are.
__version__ = "0.2.17+troupe"

__all__ = ["Callback", "LitAPI", "LitServer", "LitSpec", "Logger",
           "OpenAIEmbeddingSpec", "OpenAISpec", "Request", "Response",
           "add_log_handler", "configure_logging", "mcp", "set_log_level",
           "set_trace", "set_trace_if_debug", "test_examples"]
