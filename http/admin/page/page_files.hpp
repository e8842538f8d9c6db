#pragma once

#include <optional>
#include <string_view>

namespace troupe {

/// A file of the admin page.
struct page_file {
  std::string_view content_type = {};
  std::string_view bytes = {};
};

/// Returns the page itself.
page_file admin_page() noexcept;

/// Returns what the page loads from `/admin/assets/NAME`, or nothing.
std::optional<page_file> admin_asset(std::string_view name) noexcept;

} // namespace troupe
