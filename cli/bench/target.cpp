#include "troupe/cli/bench/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <stdexcept>

namespace troupe::load {

namespace {

[[noreturn]] void refuse(std::string_view url, std::string_view what) {
  std::string message = "'";
  message.append(url).append("' is no URL to measure: ").append(what);
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

} // namespace

target target::parse(std::string_view url) {
  std::string text{url};
  if (text.find("://") == std::string::npos)
    text = std::string{"http://"}.append(text);
  auto parsed = boost::urls::parse_uri(text);
  if (!parsed)
    refuse(url, parsed.error().message());
  const auto& view = *parsed;
  target result;
  auto scheme = std::string{view.scheme()};
  if (scheme != "http" && scheme != "https")
    refuse(url, "the scheme must be http or https");
  result.tls = scheme == "https";
  if (view.has_userinfo())
    refuse(url, "send credentials by a header, not in the URL");
  result.host = std::string{view.host_address()};
  if (result.host.empty())
    refuse(url, "there is no host");
  result.port = std::string{view.port()};
  if (result.port.empty())
    result.port = result.tls ? "443" : "80";
  else if (!is_port(result.port))
    refuse(url, "the port must be between 1 and 65535");
  result.authority = std::string{view.encoded_host_and_port()};
  result.path = std::string{view.encoded_path()};
  if (result.path.empty())
    result.path.push_back('/');
  if (view.has_query())
    result.path.append("?").append(std::string{view.encoded_query()});
  return result;
}

} // namespace troupe::load
