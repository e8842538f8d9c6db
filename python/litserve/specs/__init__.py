"""Protocols beside the path of an API."""

from .base import LitSpec
from .openai import OpenAISpec
from .openai_embedding import OpenAIEmbeddingSpec

__all__ = ["LitSpec", "OpenAIEmbeddingSpec", "OpenAISpec"]
