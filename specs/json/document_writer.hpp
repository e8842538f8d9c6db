#pragma once

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Writes a document compactly at the end of a text, as nlohmann's serializer
/// with `error_handler_t::replace` does; numbers with a fraction by
/// `json_text::write_number`.
class document_writer {
public:
  explicit document_writer(std::string& out) : out_(out) {
    // nop
  }

  document_writer(const document_writer&) = delete;
  document_writer& operator=(const document_writer&) = delete;

  /// Recurses as deep as the document is.
  void write(const nlohmann::json& x);

  /// Writes what is still in the buffer. The text is complete after it.
  void flush();

  // -- parts of a document that is nowhere whole ------------------------------

  void put(char c);
  void put(std::string_view text);
  /// NaN and infinities become `null`.
  void write_number(double x);
  void write_integer(std::int64_t x);
  void write_unsigned(std::uint64_t x);
  void write_string(std::string_view x);

private:
  /// Makes room for this many bytes; at most the size of the buffer.
  char* room(std::size_t bytes);

  template <class T>
  void write_digits(T x);
  void write_array(const nlohmann::json& x);
  void write_object(const nlohmann::json& x);

  /// By nlohmann's serializer.
  void write_other(const nlohmann::json& x);

  std::string& out_;
  std::size_t used_ = 0;
  std::array<char, 512> buffer_{};
};

} // namespace troupe
