"""OpenAI's chat completions."""

from typing import Any, Dict, List, Optional

from .base import LitSpec
from .records import Record, plain

CHAT_PATH = "/v1/chat/completions"


class TextContent(Record):
    """A part of a message: text."""

    DEFAULTS = {"type": "text", "text": ""}


class ImageContentURL(Record):
    """Where an image is."""

    DEFAULTS = {"url": "", "detail": "auto"}


class ImageContent(Record):
    """A part of a message: an image."""

    DEFAULTS = {"type": "image_url", "image_url": ""}
    NESTED = {"image_url": ImageContentURL}


class InputAudio(Record):
    """Sound in base64."""

    DEFAULTS = {"data": "", "format": "wav"}


class AudioContent(Record):
    """A part of a message: sound."""

    DEFAULTS = {"type": "input_audio", "input_audio": None}
    NESTED = {"input_audio": InputAudio}


class Function(Record):
    """A function that the model may call."""

    DEFAULTS = {"name": "", "description": None, "parameters": None}


class Tool(Record):
    """A tool that the model may call."""

    DEFAULTS = {"type": "function", "function": None}
    NESTED = {"function": Function}


class FunctionCall(Record):
    """The name and the arguments of a call."""

    DEFAULTS = {"name": "", "arguments": ""}


class ToolCall(Record):
    """A call of a tool."""

    DEFAULTS = {"id": None, "type": "function", "function": None}
    NESTED = {"function": FunctionCall}


class JSONSchema(Record):
    """The schema of a response format."""

    DEFAULTS = {"name": "", "description": None, "strict": False}

    @property
    def schema_def(self) -> Any:
        """The schema itself."""
        return vars(self).get("schema")


class ResponseFormat(Record):
    """What the answer is to look like."""

    DEFAULTS = {"type": "text"}
    NESTED = {"json_schema": JSONSchema}


ResponseFormatText = ResponseFormatJSONObject = ResponseFormatJSONSchema = \
    ResponseFormat

_PARTS = {"text": TextContent, "image_url": ImageContent,
          "input_audio": AudioContent}


class ChatMessage(Record):
    """A message, of a request or of an answer."""

    DEFAULTS = {"role": "assistant", "content": None, "name": None,
                "tool_calls": None, "tool_call_id": None}
    NESTED = {"tool_calls": ToolCall}

    def __init__(self, **members: Any) -> None:
        content = members.get("content")
        if isinstance(content, list):
            members["content"] = [
                _PARTS[x["type"]](**x)
                if isinstance(x, dict) and x.get("type") in _PARTS else x
                for x in content]
        super().__init__(**members)


class ChatMessageWithUsage(ChatMessage):
    """A message with counts of tokens."""


class ChoiceDelta(ChatMessage):
    """A piece of a message."""

    DEFAULTS = {**ChatMessage.DEFAULTS, "role": None}


class UsageInfo(Record):
    """Counts of tokens."""

    DEFAULTS = {"prompt_tokens": 0, "total_tokens": 0, "completion_tokens": 0}


class ChatCompletionRequest(Record):
    """What a client asks for."""

    DEFAULTS = {
        "model": "", "temperature": 0.7, "top_p": 1.0, "n": 1,
        "max_tokens": None, "max_completion_tokens": None, "stop": None,
        "stream": False, "presence_penalty": 0.0, "frequency_penalty": 0.0,
        "user": None, "tools": None, "tool_choice": "auto",
        "response_format": None, "metadata": None, "reasoning_effort": None,
    }
    NESTED = {"messages": ChatMessage, "tools": Tool,
              "response_format": ResponseFormat}

    def __init__(self, **members: Any) -> None:
        self.messages: List[Any] = []
        super().__init__(**members)


class OpenAISpec(LitSpec):
    """Serves an API at OpenAI's paths, and leaves its own in place.

    `predict` gets the list of messages, and yields or returns text, messages,
    or objects with `content` and perhaps `tool_calls` and counts of tokens.
    """

    @property
    def stream(self) -> bool:
        return True

    def populate_context(self, context: Dict[str, Any], request: Any) -> None:
        """Puts what the client asks for into the context, but the messages."""
        data = request.model_dump() if hasattr(request, "model_dump") \
            else dict(request)
        data.pop("messages", None)
        context.update(data)

    def decode_request(self, request: Any,
                       context_kwargs: Optional[dict] = None) -> Any:
        messages = getattr(request, "messages", None)
        return request if messages is None else [plain(x) for x in messages]

    def encode_response(self, output: Any,
                        context_kwargs: Optional[dict] = None) -> Any:
        return output
