#pragma once

#include "troupe/http/wire/wire_reply.hpp"

#include <optional>
#include <string>

namespace troupe {

/// How a streamed answer ends.
struct stream_end {
  /// What is sent after the items.
  std::string last = {};
  /// Whether the connection is cut afterwards, so that the client sees that the
  /// end is missing.
  bool cut = false;
  /// Whether the connection closes after a clean end.
  bool closes = false;
  /// Whether the client has to take all that is left within a write time-out,
  /// and not only something now and then.
  bool hurried = false;
  /// For a stream that failed: the whole answer to give if no byte of the
  /// stream is out yet.
  std::optional<wire_reply> instead = {};
};

} // namespace troupe
