#include "troupe/specs/worker/frame.hpp"

#include "troupe/specs/json/json_string.hpp"
#include "troupe/specs/worker/fields.hpp"
#include "troupe/specs/worker/json_out.hpp"

namespace troupe::worker {

namespace {

/// The most bytes that a memory file may have: a larger size cannot be true.
constexpr std::size_t max_file_size = 1UL << 40U;

void put_u32(char* out, std::size_t x) noexcept {
  for (auto i = 0U; i < 4; ++i)
    out[i] = static_cast<char>((x >> (8U * i)) & 0xFFU);
}

std::size_t get_u32(const char* in) noexcept {
  std::size_t result = 0;
  for (auto i = 0U; i < 4; ++i)
    result |= static_cast<std::size_t>(static_cast<unsigned char>(in[i]))
              << (8U * i);
  return result;
}

std::size_t aligned(std::size_t x) noexcept {
  return (x + part_alignment - 1) / part_alignment * part_alignment;
}

/// Returns a whole number that a part's entry says.
std::size_t size_of(const nlohmann::json& entry, const char* key) {
  auto i = entry.find(key);
  if (i == entry.end() || !i->is_number_unsigned()
      || i->get<std::uint64_t>() > max_file_size)
    throw protocol_error(std::string{"a part without a proper "} + key);
  return i->get<std::size_t>();
}

} // namespace

// -- outgoing -----------------------------------------------------------------

outgoing_frame::outgoing_frame(std::string_view type)
  : head_(prefix_size, '\0') {
  head_ += "{\"type\":\"";
  head_ += type;
  head_ += '"';
}

void outgoing_frame::key(std::string_view name) {
  head_ += ",\"";
  head_ += name;
  head_ += "\":";
}

outgoing_frame& outgoing_frame::text(std::string_view name,
                                     std::string_view value) {
  key(name);
  append_json_string(head_, value);
  return *this;
}

outgoing_frame& outgoing_frame::number(std::string_view name,
                                       std::uint64_t value) {
  key(name);
  append_number(head_, value);
  return *this;
}

outgoing_frame& outgoing_frame::flag(std::string_view name, bool value) {
  key(name);
  head_ += value ? "true" : "false";
  return *this;
}

outgoing_frame& outgoing_frame::json(std::string_view name,
                                     std::string_view json) {
  key(name);
  head_ += json;
  return *this;
}

std::size_t outgoing_frame::add_part(std::string_view bytes) {
  parts_.push_back(bytes);
  return parts_.size() - 1;
}

void outgoing_frame::close() {
  std::size_t inline_size = 0;
  if (!parts_.empty()) {
    key("parts");
    auto separator = '[';
    for (auto bytes : parts_) {
      head_ += separator;
      head_ += "{\"size\":";
      append_number(head_, bytes.size());
      if (bytes.size() > inline_limit - inline_size) {
        head_ += ",\"offset\":";
        append_number(head_, file_size_);
        file_.push_back({file_size_, bytes});
        file_size_ = aligned(file_size_ + bytes.size());
      } else {
        inline_.push_back(bytes);
        inline_size += bytes.size();
      }
      head_ += '}';
      separator = ',';
    }
    head_ += ']';
  }
  head_ += '}';
  if (head_.size() - prefix_size > max_header_size)
    throw protocol_error("a header of more than 16 MiB");
  put_u32(head_.data(), head_.size() - prefix_size);
  put_u32(head_.data() + 4, inline_size);
}

// -- incoming -----------------------------------------------------------------

frame_prefix read_prefix(std::string_view bytes) {
  frame_prefix result{get_u32(bytes.data()), get_u32(bytes.data() + 4)};
  if (result.header_size < 2 || result.header_size > max_header_size
      || result.inline_size > max_inline_size)
    throw protocol_error("the sizes " + std::to_string(result.header_size)
                         + " and " + std::to_string(result.inline_size)
                         + " of a frame are out of bounds");
  return result;
}

incoming_frame::incoming_frame(std::string_view header,
                               std::string inline_bytes)
  : inline_bytes_(std::move(inline_bytes)) {
  header_ = parse_own(header);
  if (!header_.is_object())
    throw protocol_error("a header is not an object");
  auto i = header_.find("type");
  if (i == header_.end() || !i->is_string())
    throw protocol_error("a header has no type");
  type_ = i->get<std::string>();
  read_parts();
}

void incoming_frame::read_parts() {
  std::size_t used = 0;
  if (auto list = header_.find("parts"); list != header_.end()) {
    if (!list->is_array())
      throw protocol_error("parts is not a list");
    places_.reserve(list->size());
    for (const auto& entry : *list) {
      if (!entry.is_object())
        throw protocol_error("a part is not an object");
      const auto size = size_of(entry, "size");
      if (entry.contains("offset")) {
        wants_file_ = true;
        places_.push_back({true, size_of(entry, "offset"), size});
        if (places_.back().offset % part_alignment != 0)
          throw protocol_error("an offset that is not a multiple of 64");
        continue;
      }
      if (size > inline_bytes_.size() - used)
        throw protocol_error("the inline parts are larger than the frame");
      places_.push_back({false, used, size});
      used += size;
    }
  }
  if (used != inline_bytes_.size())
    throw protocol_error("the inline parts are smaller than the frame");
}

void incoming_frame::attach(shared_bytes file) {
  for (const auto& x : places_)
    if (x.in_file
        && (x.offset > file.size() || x.size > file.size() - x.offset))
      throw protocol_error("a part does not lie in its memory file");
  file_ = std::move(file);
}

std::string_view incoming_frame::part(std::size_t number) const {
  if (number >= places_.size())
    throw protocol_error("there is no part " + std::to_string(number));
  const auto& x = places_[number];
  auto whole = x.in_file ? file_.view() : std::string_view{inline_bytes_};
  return whole.substr(x.offset, x.size);
}

shared_bytes incoming_frame::mapped_part(std::size_t number) const {
  if (number >= places_.size() || !places_[number].in_file)
    return {};
  return file_.part(part(number));
}

} // namespace troupe::worker
