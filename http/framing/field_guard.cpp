#include "troupe/http/framing/field_guard.hpp"

#include "troupe/http/framing/byte_class.hpp"

namespace troupe {

void field_guard::look_at_line_start(char c) noexcept {
  if (c == '\r') {
    state_ = state::last_line_feed;
  } else if (byte_class::is(c, byte_class::token)) {
    too_many_ = left_ == 0;
    if (too_many_)
      error_ = "Too many header fields";
    else
      --left_;
    state_ = state::name;
  } else if (c == ' ' || c == '\t') {
    error_ = "Folded header lines are not supported";
  } else {
    error_ = c == '\n' ? bad_line_end : "Malformed name of a header field";
  }
}

const char* field_guard::look(const char* p, const char* last) noexcept {
  while (p != last && error_.empty()) {
    switch (state_) {
      case state::line_start:
        look_at_line_start(*p);
        break;
      case state::name:
        p = byte_class::skip(p, last, byte_class::token);
        if (p == last)
          return p;
        if (*p == ':')
          state_ = state::value;
        else
          error_ = "A header field needs a name and a colon right after it";
        break;
      case state::value:
        p = byte_class::skip(p, last, byte_class::field);
        if (p == last)
          return p;
        if (*p == '\r')
          state_ = state::line_feed;
        else
          error_ = *p == '\n' ? bad_line_end
                              : "A header field holds a control character";
        break;
      case state::line_feed:
      case state::last_line_feed:
        if (*p != '\n')
          error_ = bad_line_end;
        else
          state_ = state_ == state::line_feed ? state::line_start : state::done;
        break;
      case state::done:
        return p;
    }
    if (error_.empty())
      ++p;
  }
  return p;
}

} // namespace troupe
