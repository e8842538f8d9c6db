#pragma once

#include <string_view>

namespace troupe {

// Files that stand in the program, so that pages work offline. Made of
// third_party/uplot and of this folder.

/// The plot library uPlot; its version and licence are in third_party/uplot.
/// The script defines the global `uPlot`.
[[nodiscard]] std::string_view uplot_script() noexcept;
[[nodiscard]] std::string_view uplot_style() noexcept;

/// The page `/admin`.
[[nodiscard]] std::string_view admin_index_html() noexcept;
[[nodiscard]] std::string_view admin_admin_css() noexcept;
[[nodiscard]] std::string_view admin_icon_svg() noexcept;
[[nodiscard]] std::string_view admin_actors_js() noexcept;
[[nodiscard]] std::string_view admin_api_js() noexcept;
[[nodiscard]] std::string_view admin_ask_js() noexcept;
[[nodiscard]] std::string_view admin_chart_js() noexcept;
[[nodiscard]] std::string_view admin_dom_js() noexcept;
[[nodiscard]] std::string_view admin_endpoints_js() noexcept;
[[nodiscard]] std::string_view admin_format_js() noexcept;
[[nodiscard]] std::string_view admin_history_js() noexcept;
[[nodiscard]] std::string_view admin_main_js() noexcept;
[[nodiscard]] std::string_view admin_metrics_js() noexcept;
[[nodiscard]] std::string_view admin_models_js() noexcept;

} // namespace troupe
