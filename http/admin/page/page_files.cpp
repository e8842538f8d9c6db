#include "troupe/http/admin/page/page_files.hpp"

#include "troupe/http/admin/page/embedded.hpp"

#include <array>

namespace troupe {

namespace {

struct asset {
  std::string_view name;
  std::string_view (*bytes)() noexcept;
};

constexpr std::array assets{
  asset{"actors.js", admin_actors_js},
  asset{"admin.css", admin_admin_css},
  asset{"api.js", admin_api_js},
  asset{"ask.js", admin_ask_js},
  asset{"chart.js", admin_chart_js},
  asset{"dom.js", admin_dom_js},
  asset{"endpoints.js", admin_endpoints_js},
  asset{"format.js", admin_format_js},
  asset{"history.js", admin_history_js},
  asset{"icon.svg", admin_icon_svg},
  asset{"main.js", admin_main_js},
  asset{"metrics.js", admin_metrics_js},
  asset{"models.js", admin_models_js},
  asset{"uplot.css", uplot_style},
  asset{"uplot.js", uplot_script},
};

std::string_view type_of(std::string_view name) noexcept {
  if (name.ends_with(".js"))
    return "text/javascript; charset=utf-8";
  if (name.ends_with(".css"))
    return "text/css; charset=utf-8";
  return "image/svg+xml";
}

} // namespace

page_file admin_page() noexcept {
  return {"text/html; charset=utf-8", admin_index_html()};
}

std::optional<page_file> admin_asset(std::string_view name) noexcept {
  for (const auto& x : assets)
    if (x.name == name)
      return page_file{type_of(name), x.bytes()};
  return std::nullopt;
}

} // namespace troupe
