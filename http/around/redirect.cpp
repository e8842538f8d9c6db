#include "troupe/http/around/redirect.hpp"

#include "troupe/specs/values/path.hpp"

#include <algorithm>

namespace troupe {

std::string location_without_slash(std::string_view target,
                                   std::string_view path) {
  auto mark = std::min(target.find('?'), target.size());
  auto query = target.substr(mark);
  auto raw = target.substr(0, mark);
  path.remove_suffix(1);
  std::string result;
  auto count = [](std::string_view text, char c) {
    return std::count(text.begin(), text.end(), c);
  };
  // As many slashes, and the last byte among them: no segment was removed.
  auto same = raw.ends_with('/') && raw.starts_with('/')
              && count(raw, '/') == count(path, '/') + 1;
  if (same) {
    result = "../";
    path.remove_prefix(path.rfind('/') + 1);
  }
  // With two slashes first it would name another host (RFC 3986 section 4.2).
  if (!same && path.starts_with("//"))
    result = "/.";
  result += percent_encode_path(path);
  if (query.size() > 1)
    result += query;
  return result;
}

} // namespace troupe
