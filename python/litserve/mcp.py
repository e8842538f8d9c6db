"""`MCP`: serves an API as a tool of the Model Context Protocol."""

import re
from typing import Any, Dict, Optional

from ._troupe.annotations import request_annotation
from .errors import Refused


class MCP:
    """How an API is described to a language model."""

    def __init__(self, description: Optional[str] = None,
                 input_schema: Optional[dict] = None,
                 name: Optional[str] = None) -> None:
        self.description = description
        self.input_schema = input_schema
        self.name = name

    def tool_of(self, api: Any, model: str) -> Dict[str, Any]:
        """Returns the tool as the config of a server has it."""
        kind = type(api).__name__
        description = self.description or type(api).__doc__
        if not description:
            raise Refused(f"mcp of {kind}: a tool needs a description; give "
                          "MCP(description=...) or the class a docstring")
        name = self.name or api.api_path.strip("/").replace("/", "_")
        return {"model": model, "name": re.sub(r"[^\w.-]", "_", name),
                "description": description.strip(),
                "input_schema": self.input_schema or self._schema_of(api)}

    def _schema_of(self, api: Any) -> Dict[str, Any]:
        found = request_annotation(api.decode_request)
        schema = getattr(found, "model_json_schema", None) \
            or getattr(found, "schema", None)
        if schema is None:
            raise Refused(
                f"mcp of {type(api).__name__}: nothing says what the tool "
                "takes. Give MCP(input_schema={'type': 'object', ...}), or "
                "annotate the request of decode_request with a model of "
                "pydantic's")
        return dict(schema())
