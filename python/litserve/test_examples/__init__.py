"""Small APIs to try things with."""

from .openai_embedding_spec_example import TestEmbedAPI
from .openai_spec_example import (OpenAIBatchContext, OpenAIWithUsage, TestAPI,
                                  TestAPIWithCustomEncode)
from .simple_example import (SimpleBatchedAPI, SimpleLitAPI, SimpleStreamAPI,
                             SimpleTorchAPI)

__all__ = ["OpenAIBatchContext", "OpenAIWithUsage", "SimpleBatchedAPI",
           "SimpleLitAPI", "SimpleStreamAPI", "SimpleTorchAPI", "TestAPI",
           "TestAPIWithCustomEncode", "TestEmbedAPI"]
