#pragma once

#include "troupe/specs/worker/frame.hpp"

#include <string>
#include <string_view>

namespace troupe::worker {

/// A frame as it comes out at the far side, its memory file included.
inline incoming_frame passed(const outgoing_frame& x) {
  std::string inline_bytes;
  for (auto part : x.inline_parts())
    inline_bytes += part;
  incoming_frame result{std::string_view{x.head()}.substr(prefix_size),
                        std::move(inline_bytes)};
  if (result.wants_file()) {
    std::string file(x.file_size(), '\0');
    for (const auto& part : x.file_parts())
      file.replace(part.offset, part.bytes.size(), part.bytes);
    result.attach(shared_bytes{std::move(file)});
  }
  return result;
}

} // namespace troupe::worker
