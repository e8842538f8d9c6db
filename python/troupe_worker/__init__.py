"""The Python worker of Troupe: runs one model for a server.

A model needs nothing of this package. What it may use is here: errors with a
status, `Request` as an annotation, answers of one's own, and the marks of a
batch of streams.
"""

from .bodies import Response
from .context import Context
from .errors import HTTPError, ValidationError, WorkerFatal
from .forms import Form, FormFile
from .outputs import DONE, SKIP
from .request import Headers, Request

__all__ = ["DONE", "SKIP", "Context", "Form", "FormFile", "HTTPError",
           "Headers", "Request", "Response", "ValidationError", "WorkerFatal"]
