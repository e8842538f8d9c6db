#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::load {

enum class stream_format {
  /// The body is one thing.
  none,
  /// Server-sent events (WHATWG HTML 9.2): an event with a `data` field is an
  /// item, comments and retry fields are not. `[DONE]` is the end of an OpenAI
  /// stream, and no item.
  sse,
  /// Newline-delimited JSON: a line that is not empty is an item.
  ndjson
};

/// What a Content-Type (parameters and case do not matter) says of the body.
stream_format format_of(std::string_view content_type);

/// Counts the items of a streamed body as its bytes come in, cut anywhere.
/// Bounded memory. A value; not thread-safe.
class item_counter {
public:
  explicit item_counter(stream_format format = stream_format::none)
    : format_(format) {
    // nop
  }

  /// @returns how many items these bytes complete.
  std::size_t feed(std::string_view bytes);

  /// The body has ended. @returns 1 when that completes a last item: a line
  /// without its newline. An event without its empty line does not count, as
  /// the standard says.
  std::size_t finish();

private:
  bool end_line();

  /// The first bytes of the current line, as many as it takes to tell what it
  /// is.
  static constexpr std::size_t max_head = 16;

  stream_format format_;
  char head_[max_head] = {};
  /// Bytes of the current line.
  std::size_t length_ = 0;
  bool has_data_ = false;
  bool after_cr_ = false;
};

} // namespace troupe::load
