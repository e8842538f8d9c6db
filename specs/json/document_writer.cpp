#include "troupe/specs/json/document_writer.hpp"

#include "troupe/specs/json/json_text.hpp"
#include "troupe/specs/json/number_text.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

namespace troupe {

namespace {

using nlohmann::json;

/// Writes one document after another. Making nlohmann's serializer takes two
/// allocations and the time of a small document.
class kept_serializer {
public:
  void dump(const json& document, std::string& out) {
    to_->out = &out;
    serializer_.dump(document, false, false, 0);
  }

private:
  struct text_end : nlohmann::detail::output_adapter_protocol<char> {
    void write_character(char c) override {
      out->push_back(c);
    }

    void write_characters(const char* text, std::size_t size) override {
      out->append(text, size);
    }

    std::string* out = nullptr;
  };

  std::shared_ptr<text_end> to_ = std::make_shared<text_end>();
  nlohmann::detail::serializer<json> serializer_{
    to_, ' ', json::error_handler_t::replace};
};

} // namespace

// NOLINTNEXTLINE(misc-no-recursion)
void document_writer::write(const json& x) {
  constexpr std::size_t most_digits = 20;
  switch (x.type()) {
    case json::value_t::object:
      return write_object(x);
    case json::value_t::array:
      return write_array(x);
    case json::value_t::string:
      return write_string(x.get_ref<const std::string&>());
    case json::value_t::boolean:
      return put(x.get<bool>() ? std::string_view{"true"} : "false");
    case json::value_t::null:
      return put("null");
    case json::value_t::number_float:
      return write_number(x.get<double>());
    case json::value_t::number_integer: {
      auto* to = room(most_digits);
      auto end = std::to_chars(to, to + most_digits, x.get<std::int64_t>()).ptr;
      used_ += static_cast<std::size_t>(end - to);
      return;
    }
    case json::value_t::number_unsigned: {
      auto* to = room(most_digits);
      auto end =
        std::to_chars(to, to + most_digits, x.get<std::uint64_t>()).ptr;
      used_ += static_cast<std::size_t>(end - to);
      return;
    }
    default:
      return write_other(x);
  }
}

void document_writer::flush() {
  out_.append(buffer_.data(), used_);
  used_ = 0;
}

char* document_writer::room(std::size_t bytes) {
  if (buffer_.size() - used_ < bytes)
    flush();
  return buffer_.data() + used_;
}

void document_writer::put(char c) {
  *room(1) = c;
  ++used_;
}

void document_writer::put(std::string_view text) {
  if (text.size() > buffer_.size()) {
    flush();
    out_.append(text);
    return;
  }
  std::memcpy(room(text.size()), text.data(), text.size());
  used_ += text.size();
}

void document_writer::write_number(double x) {
  if (!std::isfinite(x))
    return put("null");
  auto* to = room(json_text::most_number_bytes);
  used_ += static_cast<std::size_t>(json_text::write_number(to, x) - to);
}

// NOLINTNEXTLINE(misc-no-recursion)
void document_writer::write_array(const json& x) {
  put('[');
  auto more = false;
  for (const auto& element : x.get_ref<const json::array_t&>()) {
    if (more)
      put(',');
    more = true;
    write(element);
  }
  put(']');
}

// NOLINTNEXTLINE(misc-no-recursion)
void document_writer::write_object(const json& x) {
  put('{');
  auto more = false;
  for (const auto& [key, value] : x.get_ref<const json::object_t&>()) {
    if (more)
      put(',');
    more = true;
    write_string(key);
    put(':');
    write(value);
  }
  put('}');
}

void document_writer::write_string(const std::string& x) {
  const auto* end = x.data() + x.size();
  // nlohmann's serializer writes escapes and bytes that are not UTF-8.
  if (json_text::skip_plain(x.data(), end) != end)
    return write_other(json(x));
  put('"');
  put(std::string_view{x});
  put('"');
}

void document_writer::write_other(const json& x) {
  thread_local kept_serializer kept;
  flush();
  kept.dump(x, out_);
}

} // namespace troupe
