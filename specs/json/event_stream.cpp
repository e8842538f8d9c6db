#include "troupe/specs/json/event_stream.hpp"

#include "troupe/specs/json/json.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view data_field = "data: ";

void append_name(std::string& out, std::string_view name) {
  if (!name.empty())
    out.append("event: ").append(name).append("\n");
}

} // namespace

void append_event(std::string& out, const nlohmann::json& data,
                  std::string_view name) {
  append_name(out, name);
  out += data_field;
  // Its line ends are escaped.
  dump_json_to(out, data);
  out += "\n\n";
}

void append_text_event(std::string& out, std::string_view data,
                       std::string_view name) {
  append_name(out, name);
  for (;;) {
    auto end = std::min(data.find('\n'), data.size());
    out.append(data_field).append(data.substr(0, end)).append("\n");
    if (end == data.size())
      break;
    data.remove_prefix(end + 1);
  }
  out += '\n';
}

} // namespace troupe
