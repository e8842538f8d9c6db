#pragma once

#include "troupe/http/wire/body_budget.hpp"
#include "troupe/specs/values/media_type.hpp"
#include "troupe/specs/values/reply.hpp"

#include <memory>
#include <string>

namespace troupe {

/// An answer that is ready for the wire: bodies serialised.
struct wire_reply {
  int status = 200;
  media_type content_type = {};
  header_map headers = {};
  std::string body = {};
  /// Sent instead of `body`, unless it is null.
  std::shared_ptr<file_source> file = {};
  /// For `body`, while it waits for its client.
  answer_charge charge = {};
};

/// Serialises an answer; a document's text is made here.
wire_reply to_wire(reply answer);

} // namespace troupe
