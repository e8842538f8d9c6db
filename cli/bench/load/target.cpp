#include "troupe/cli/bench/load/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace troupe::load {

namespace {

[[noreturn]] void refuse_url(std::string_view url, std::string_view what) {
  std::string message = "'";
  message.append(url).append("' is not a URL to measure: ").append(what);
  message.append("; for example http://127.0.0.1:8000/predict");
  throw std::invalid_argument(message);
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  auto [end, error] =
    std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0
         && number <= 65535;
}

/// Where the authority ends: path, query or fragment begin, or the text ends.
std::size_t end_of_authority(std::string_view text) {
  constexpr std::string_view separator = "://";
  auto begin = text.find(separator) + separator.size();
  return std::min(text.find_first_of("/?#", begin), text.size());
}

/// `text` with `0` for each place: a URL where each place may be filled in.
std::string without_places(std::string_view text) {
  std::string result;
  for (;;) {
    auto close = text.find("}}");
    auto open =
      close == std::string_view::npos ? close : text.rfind("{{", close);
    if (open == std::string_view::npos)
      return result.append(text);
    result.append(text.substr(0, open)).append("0");
    text.remove_prefix(close + 2);
  }
}

/// Path and query as they were written, places included.
std::string path_with_places(std::string_view rest) {
  std::string result;
  // Within a place, a # does not begin a fragment.
  for (std::size_t i = 0; i < rest.size() && rest[i] != '#'; ++i) {
    auto close = rest.compare(i, 2, "{{") == 0 ? rest.find("}}", i)
                                               : std::string_view::npos;
    auto end = close == std::string_view::npos ? i : close + 1;
    result.append(rest.substr(i, end + 1 - i));
    i = end;
  }
  if (result.empty() || result.front() != '/')
    result.insert(0, 1, '/');
  return result;
}

} // namespace

target target::parse(std::string_view url, bool templates) {
  std::string text{url};
  if (text.find("://") == std::string::npos)
    text = std::string{"http://"}.append(text);
  auto end = end_of_authority(text);
  auto rest = text.substr(end);
  auto checked =
    text.substr(0, end) + (templates ? without_places(rest) : rest);
  auto parsed = boost::urls::parse_uri(checked);
  if (!parsed)
    refuse_url(url, parsed.error().message()
                      + (!templates && rest.find("{{") != std::string::npos
                           ? " (for places such as {{n}}, give --template)"
                           : ""));
  const auto& view = *parsed;
  target result;
  auto scheme = std::string{view.scheme()};
  if (scheme != "http" && scheme != "https")
    refuse_url(url, "the scheme must be http or https");
  result.tls = scheme == "https";
  if (view.has_userinfo())
    refuse_url(url, "send credentials by a header, not in the URL");
  result.host = std::string{view.host_address()};
  if (result.host.empty())
    refuse_url(url, "there is no host");
  result.port = std::string{view.port()};
  if (result.port.empty())
    result.port = result.tls ? "443" : "80";
  else if (!is_port(result.port))
    refuse_url(url, "the port must be between 1 and 65535");
  result.authority = std::string{view.encoded_host_and_port()};
  if (templates) {
    result.path = path_with_places(rest);
    return result;
  }
  result.path = std::string{view.encoded_path()};
  if (result.path.empty())
    result.path.push_back('/');
  if (view.has_query())
    result.path.append("?").append(std::string{view.encoded_query()});
  return result;
}

} // namespace troupe::load
