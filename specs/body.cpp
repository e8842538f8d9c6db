#include "troupe/specs/body.hpp"

#include "troupe/specs/error.hpp"

namespace troupe {

void expect_json(const request& req) {
  auto header = req.header("Content-Type");
  // The common cases cost no copy.
  if (req.document != nullptr || header.empty()
      || header.starts_with("application/json"))
    return;
  auto type = req.content_type();
  auto refused = type == "multipart/form-data";
  for (auto kind : {"image/", "audio/", "video/"})
    refused = refused || type.starts_with(kind);
  if (type == "application/x-www-form-urlencoded") {
    auto first = req.body.find_first_not_of(" \t\r\n");
    refused = first == std::string::npos
              || std::string_view{"{[\""}.find(req.body[first])
                   == std::string_view::npos;
  }
  if (!refused)
    return;
  std::string text{"expected application/json, got "};
  throw http_error(415, text.append(type), {{"Accept", "application/json"}});
}

} // namespace troupe
