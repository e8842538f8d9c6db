#include "troupe/http/framing/chunk_guard.hpp"

#include "troupe/http/framing/byte_class.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

/// Of the line before a chunk, with its extensions, in bytes.
constexpr std::size_t max_line = 4096;

/// The lines before chunks may be this long in all, plus this many times as
/// long as the data. A chunk of a single byte has 5 bytes around it.
constexpr std::uint64_t free_overhead = 64UL * 1024;
constexpr std::uint64_t max_overhead_ratio = 8;

} // namespace

void chunk_guard::refuse(errc code, std::string_view detail) {
  why_ = make_failure(code, detail);
  refused_ = true;
}

void chunk_guard::look_at_size(char c) {
  constexpr auto top_digit = 60U;
  auto digit = hex_value(c);
  if (digit >= 0) {
    if (size_ >> top_digit != 0)
      refuse(errc::bad_request, "The size of a chunk is out of range");
    size_ = size_ * 16 + static_cast<unsigned>(digit);
    has_digits_ = true;
  } else if (has_digits_ && c == '\r') {
    state_ = state::line_feed;
  } else if (has_digits_ && (c == ';' || c == ' ' || c == '\t')) {
    state_ = state::extension;
  } else {
    refuse(errc::bad_request,
           c == '\n' ? bad_line_end : "Malformed size of a chunk");
  }
}

void chunk_guard::end_line() {
  overhead_ += line_;
  if (overhead_ > free_overhead + max_overhead_ratio * data_) {
    refuse(errc::bad_request,
           "Too much chunk framing and extensions for so little data");
    return;
  }
  line_ = 0;
  has_digits_ = false;
  left_ = std::exchange(size_, 0);
  state_ = left_ > 0 ? state::data : state::trailers;
}

const char* chunk_guard::look_at_trailers(const char* p, const char* last) {
  auto room = limits_->max_header_bytes - trailer_bytes_;
  if (static_cast<std::size_t>(last - p) > room)
    last = p + room;
  const auto* end = trailers_.look(p, last);
  trailer_bytes_ += static_cast<std::size_t>(end - p);
  if (!trailers_.error().empty())
    refuse(trailers_.too_many() ? errc::header_too_large : errc::bad_request,
           trailers_.error());
  else if (!trailers_.done() && trailer_bytes_ == limits_->max_header_bytes)
    refuse(errc::header_too_large, "The trailer section is too large");
  return end;
}

std::size_t chunk_guard::pass(std::string_view bytes) {
  const auto* p = bytes.data() + held_;
  const auto* last = bytes.data() + bytes.size();
  const auto* whole = bytes.data();
  while (p != last && !refused_ && !done()) {
    switch (state_) {
      case state::size:
        look_at_size(*p++);
        ++line_;
        break;
      case state::extension: {
        auto room = static_cast<std::size_t>(last - p);
        const auto* limit = p + std::min(room, max_line - line_);
        const auto* end = byte_class::skip(p, limit, byte_class::field);
        line_ += static_cast<std::size_t>(end - p);
        p = end;
        if (p == last || line_ == max_line)
          break;
        if (*p == '\r')
          state_ = state::line_feed;
        else
          refuse(errc::bad_request,
                 *p == '\n' ? bad_line_end
                            : "A chunk extension holds a control character");
        ++p;
        ++line_;
        break;
      }
      case state::line_feed:
        ++line_;
        if (*p++ != '\n') {
          refuse(errc::bad_request, bad_line_end);
          break;
        }
        end_line();
        if (state_ == state::data)
          whole = p;
        break;
      case state::data: {
        auto n = std::min(left_, static_cast<std::uint64_t>(last - p));
        p += n;
        left_ -= n;
        data_ += n;
        whole = p;
        if (left_ == 0)
          state_ = state::data_end;
        break;
      }
      case state::data_end:
      case state::data_line_feed:
        if (*p++ != (state_ == state::data_end ? '\r' : '\n'))
          refuse(errc::bad_request, "A chunk is longer than its size says");
        state_ =
          state_ == state::data_end ? state::data_line_feed : state::size;
        break;
      case state::trailers:
        p = look_at_trailers(p, last);
        if (done())
          whole = p;
        break;
    }
    if (!refused_ && line_ >= max_line)
      refuse(errc::header_too_large, "The line before a chunk is too long");
  }
  held_ = static_cast<std::size_t>(p - whole);
  return static_cast<std::size_t>(whole - bytes.data());
}

} // namespace troupe
