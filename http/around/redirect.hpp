#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Makes the `Location` of the same path without its last slash, with the
/// query: a relative reference (RFC 9110 section 10.2.2), so that it also holds
/// below a prefix that a proxy has cut off, e.g. `../predict?a=1`. A target
/// that clients may resolve in another way (dot segments) gets the whole path.
/// @param target as it came
/// @param path what `normalise_target` made of it; ends with `/`
[[nodiscard]] std::string location_without_slash(std::string_view target,
                                                 std::string_view path);

} // namespace troupe
