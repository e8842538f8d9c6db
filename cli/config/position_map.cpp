#include "troupe/cli/config/position_map.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

// -- position_map -------------------------------------------------------------

void position_map::set(const std::string& pointer, entry x) {
  entries_.insert_or_assign(pointer, x);
}

void position_map::repeat(duplicate x) {
  // '0' is the character after '/'.
  auto first = entries_.lower_bound(x.pointer + '/');
  auto last = entries_.lower_bound(x.pointer + '0');
  entries_.erase(first, last);
  duplicates_.push_back(std::move(x));
}

const position_map::entry*
position_map::find(const std::string& pointer) const {
  auto i = entries_.find(pointer);
  return i == entries_.end() ? nullptr : &i->second;
}

// -- text_cursor --------------------------------------------------------------

text_cursor::text_cursor(std::string_view text) : text_(text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark))
    offset_ = byte_order_mark.size();
}

text_position text_cursor::advance_to(std::size_t offset) noexcept {
  for (offset = std::min(offset, text_.size()); offset_ < offset;) {
    auto c = text_[offset_++];
    if (c == '\n')
      position_ = {position_.line + 1, 1};
    // A continuation byte belongs to the column of its first byte.
    else if (offset_ >= text_.size()
             || (static_cast<unsigned char>(text_[offset_]) & 0xC0U) != 0x80U)
      ++position_.column;
  }
  return position_;
}

} // namespace troupe
