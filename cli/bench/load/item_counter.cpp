#include "troupe/cli/bench/load/item_counter.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <string>

namespace troupe::load {

stream_format format_of(std::string_view content_type) {
  auto type = lowered(trimmed(content_type.substr(0, content_type.find(';'))));
  if (type == "text/event-stream")
    return stream_format::sse;
  if (type == "application/x-ndjson" || type == "application/jsonl"
      || type == "application/x-jsonlines" || type == "application/stream+json")
    return stream_format::ndjson;
  return stream_format::none;
}

std::size_t item_counter::feed(std::string_view bytes) {
  if (format_ == stream_format::none)
    return 0;
  std::size_t items = 0;
  for (auto c : bytes) {
    auto pair = after_cr_ && c == '\n';
    after_cr_ = false;
    if (pair)
      continue;
    if (c == '\n' || c == '\r') {
      after_cr_ = c == '\r';
      items += end_line() ? 1 : 0;
      continue;
    }
    if (length_ < max_head)
      head_[length_] = c;
    ++length_;
  }
  return items;
}

std::size_t item_counter::finish() {
  if (format_ != stream_format::ndjson)
    return 0;
  return end_line() ? 1 : 0;
}

/// @returns whether the line that ends here completes an item.
bool item_counter::end_line() {
  auto line = std::string_view{head_, std::min(length_, max_head)};
  auto empty = length_ == 0;
  auto whole = length_ <= max_head;
  length_ = 0;
  if (format_ == stream_format::ndjson)
    return !empty;
  if (empty) {
    auto result = has_data_;
    has_data_ = false;
    return result;
  }
  if (line.substr(0, 4) == "data" && (line.size() == 4 || line[4] == ':')
      && !(whole && (line == "data: [DONE]" || line == "data:[DONE]")))
    has_data_ = true;
  return false;
}

} // namespace troupe::load
