#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Members of the headers of frames. Each reader throws `protocol_error` for
/// a member that is missing or of another type.
namespace troupe::worker {

[[nodiscard]] const nlohmann::json& object_of(const nlohmann::json& header,
                                              const char* key);
[[nodiscard]] const nlohmann::json& list_of(const nlohmann::json& header,
                                            const char* key);
/// A missing one takes `fallback`.
[[nodiscard]] bool flag_of(const nlohmann::json& header, const char* key,
                           bool fallback);

/// Returns the `status`, within these bounds.
[[nodiscard]] int status_of(const nlohmann::json& header, int least, int most);

/// Returns a list of `[name, value]`; the views live as long as the header.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>>
pairs_of(const nlohmann::json& header, const char* key);

/// Appends the member `headers`. Fields that HTTP cannot carry are refused.
void read_headers(const nlohmann::json& header, header_map& out);

/// Returns the code of that name, or `fallback`.
[[nodiscard]] errc code_from(std::string_view name, errc fallback) noexcept;

/// Parses JSON text that the far side made. It may be as deep as answers are.
/// @throws protocol_error for text that is not JSON, or is nested deeper
[[nodiscard]] nlohmann::json parse_own(std::string_view text);

/// Appends `[name, value]`, after a comma unless it is the first.
void append_pair(std::string& out, std::size_t index, std::string_view name,
                 std::string_view value);

/// Appends a list of them.
void append_headers(std::string& out, const header_map& headers);

} // namespace troupe::worker
