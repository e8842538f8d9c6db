#include "troupe/cli/config/pointer.hpp"

#include "troupe/specs/json/json.hpp"

namespace troupe {

std::string child(std::string_view pointer, std::string_view key) {
  std::string result{pointer};
  result += '/';
  for (auto c : key)
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  return result;
}

std::string child(std::string_view pointer, std::size_t index) {
  return child(pointer, std::to_string(index));
}

std::string_view parent(std::string_view pointer) noexcept {
  auto i = pointer.rfind('/');
  return i == std::string_view::npos ? std::string_view{}
                                     : pointer.substr(0, i);
}

bool is_within(std::string_view pointer, std::string_view root) noexcept {
  return pointer.starts_with(root)
         && (pointer.size() == root.size() || pointer[root.size()] == '/');
}

std::vector<std::string> steps(std::string_view pointer) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      result.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      result.back() += pointer[++i] == '1' ? '/' : '~';
    } else {
      result.back() += pointer[i];
    }
  }
  return result;
}

std::string dotted(std::string_view pointer) {
  std::string joined;
  for (const auto& step : steps(pointer)) {
    if (!joined.empty())
      joined += '.';
    joined += step;
  }
  auto quoted = dump_json(joined);
  return quoted.substr(1, quoted.size() - 2);
}

std::vector<std::string> split_dotted(std::string_view path) {
  std::vector<std::string> result(1);
  for (auto c : path)
    if (c == '.')
      result.emplace_back();
    else
      result.back() += c;
  return result;
}

} // namespace troupe
