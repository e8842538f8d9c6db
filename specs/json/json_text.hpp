#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What `json_reader` needs to know of pieces of JSON text.
namespace troupe::json_text {

/// How much of a token a message shows, in bytes.
inline constexpr std::size_t most_shown = 40;

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// Returns the number of elements of the array whose text goes on at `at`,
/// after its bracket, when all of them are numbers, booleans or null; else 0.
[[nodiscard]] std::size_t count_scalars(const char* at,
                                        const char* end) noexcept;

/// The same for elements of any kind; 0 when it is empty or its text is seen to
/// be broken.
[[nodiscard]] std::size_t count_elements(const char* at,
                                         const char* end) noexcept;

/// Names the place of a byte for a message: `line 2, column 7`, from 1, in
/// characters.
[[nodiscard]] std::string place_of(std::string_view text, std::size_t offset);

/// Names a byte that cannot be shown: `the byte 0x1F`.
[[nodiscard]] std::string byte_text(char c);

/// Shows what the rest of a text begins with: a word, a character, a byte or
/// its end.
[[nodiscard]] std::string shown(std::string_view rest);

/// Returns the first byte that is a quote, a backslash, a control character or
/// not ASCII.
[[nodiscard]] const char* skip_plain(const char* at, const char* end) noexcept;

/// Returns the value of a number in JSON's form, or nothing when it is too
/// large for a `double`. One that is too small is 0.
[[nodiscard]] std::optional<double> to_double(std::string_view number) noexcept;

/// Why a string cannot be decoded; `at` is null when it can.
struct escape_fault {
  const char* at = nullptr;
  const char* reason = "";

  explicit operator bool() const noexcept {
    return at != nullptr;
  }
};

/// Decodes the escapes of a string.
/// @param raw what stands between the quotes; each backslash begins one of the
///        escapes of JSON, as far as its letter goes
/// @param out takes the text; what it had is gone
escape_fault decode_escapes(std::string_view raw, std::string& out);

} // namespace troupe::json_text
