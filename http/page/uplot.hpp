#pragma once

#include <string_view>

namespace troupe {

/// The plot library uPlot, for pages that work offline; its version and licence
/// are in third_party/uplot. The script defines the global `uPlot`.
[[nodiscard]] std::string_view uplot_script() noexcept;
[[nodiscard]] std::string_view uplot_style() noexcept;

} // namespace troupe
