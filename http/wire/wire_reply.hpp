#pragma once

#include "troupe/specs/values/reply.hpp"

#include <memory>
#include <string>

namespace troupe {

/// An answer that is ready for the wire: bodies serialised.
struct wire_reply {
  int status = 200;
  std::string content_type = {};
  header_map headers = {};
  std::string body = {};
  /// Sent instead of `body`, unless it is null.
  std::shared_ptr<file_source> file = {};
};

/// Serialises an answer; a document's text is made here.
wire_reply to_wire(reply answer);

} // namespace troupe
