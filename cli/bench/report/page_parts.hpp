#pragma once

#include <string_view>

namespace troupe {

/// The parts of an HTML report, which are files in `page/` and stand in the
/// program: the page, with places such as `{{data}}`, its style and its script.
[[nodiscard]] std::string_view bench_report_page() noexcept;
[[nodiscard]] std::string_view bench_report_style() noexcept;
[[nodiscard]] std::string_view bench_report_script() noexcept;

} // namespace troupe
