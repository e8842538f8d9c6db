#include "troupe/cli/bench/load/request_source.hpp"

#include "troupe/specs/values/headers.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace troupe::load {

namespace {

body_template plain(std::string_view text, bool templates) {
  return templates ? body_template{text} : body_template::literal(text);
}

/// A quoted parameter as browsers write it (WHATWG HTML, multipart/form-data).
std::string quoted_parameter(std::string_view text) {
  std::string result = "\"";
  for (auto c : text) {
    if (c == '"')
      result += "%22";
    else if (c == '\r')
      result += "%0D";
    else if (c == '\n')
      result += "%0A";
    else
      result += c;
  }
  return result += '"';
}

std::mt19937_64 generator(std::uint64_t seed, std::uint64_t number) {
  std::seed_seq all{seed, seed >> 32, number, number >> 32};
  return std::mt19937_64{all};
}

} // namespace

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::string result{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad())
    throw std::invalid_argument(path + ": " + std::strerror(errno));
  return result;
}

form_field form_field::parse(const std::string& text) {
  auto equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw std::invalid_argument(
      '\'' + text
      + "': expected a form field such as name=value or name=@file");
  form_field result{text.substr(0, equals)};
  auto value = text.substr(equals + 1);
  if (value.empty() || value.front() != '@') {
    result.value = value;
    return result;
  }
  constexpr std::string_view type_key = ";type=";
  auto path = value.substr(1);
  result.content_type = "application/octet-stream";
  if (auto at = path.rfind(type_key); at != std::string::npos) {
    result.content_type = path.substr(at + type_key.size());
    path.resize(at);
    if (!is_field_value(result.content_type))
      throw std::invalid_argument('\'' + text + "': a type must be one line");
  }
  result.value = read_file(path);
  result.filename = path.substr(path.rfind('/') + 1);
  return result;
}

std::pair<std::string, std::string>
multipart_body(const std::vector<form_field>& fields) {
  std::string boundary;
  auto occurs = [&] {
    return std::any_of(fields.begin(), fields.end(), [&](const auto& x) {
      return x.value.find(boundary) != std::string::npos;
    });
  };
  for (auto i = 0; boundary.empty() || occurs(); ++i)
    boundary = "troupe-bench-boundary-" + std::to_string(i);
  std::string body;
  for (const auto& x : fields) {
    body.append("--").append(boundary);
    body.append("\r\nContent-Disposition: form-data; name=");
    body.append(quoted_parameter(x.name));
    if (!x.filename.empty())
      body.append("; filename=").append(quoted_parameter(x.filename));
    if (!x.content_type.empty())
      body.append("\r\nContent-Type: ").append(x.content_type);
    body.append("\r\n\r\n").append(x.value).append("\r\n");
  }
  body.append("--").append(boundary).append("--\r\n");
  return {std::move(body), "multipart/form-data; boundary=" + boundary};
}

request_source::request_source(const request_options& options,
                               std::uint64_t index, std::uint64_t count)
  : method_(options.method),
    random_(generator(options.seed, options.first_number + index)),
    number_(options.first_number + index),
    stride_(count),
    turn_(static_cast<std::size_t>(index)) {
  has_body_ = !options.bodies.empty();
  if (method_.empty())
    method_ = has_body_ ? "POST" : "GET";
  if (!is_token(method_))
    throw std::invalid_argument("'" + method_ + "' is not an HTTP method");
  path_ = plain(options.target.path, options.templates);
  auto given = [&](std::string_view name) {
    return std::any_of(options.headers.begin(), options.headers.end(),
                       [&](const auto& x) { return iequals(x.first, name); });
  };
  auto add = [&](std::string_view name, std::string_view value) {
    fields_.append(name).append(": ").append(value).append("\r\n");
  };
  fields_ = " HTTP/1.1\r\n";
  if (!given("Host"))
    add("Host", options.target.authority);
  if (!given("User-Agent"))
    add("User-Agent", "troupe-bench");
  if (!given("Accept"))
    add("Accept", "*/*");
  if (has_body_ && !given("Content-Type") && !options.content_type.empty())
    add("Content-Type", options.content_type);
  for (const auto& [name, value] : options.headers) {
    if (!is_token(name) || !is_field_value(value))
      throw std::invalid_argument(
        std::string{"'"}.append(name).append(": ").append(value).append(
          "': expected a header such as 'Accept: text/event-stream'"));
    if (iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding"))
      throw std::invalid_argument("'" + name
                                  + "' is set by troupe bench itself: leave it "
                                    "out");
    add(name, value);
  }
  fields_ += has_body_ ? "Content-Length: " : "\r\n";
  auto bodies = options.bodies;
  if (bodies.empty())
    bodies.emplace_back();
  for (const auto& text : bodies) {
    variant x{plain(text, options.templates)};
    if (x.body.constant() && path_.constant()) {
      render(x.body, buffer_);
      x.whole = std::move(buffer_);
    }
    variants_.push_back(std::move(x));
  }
}

void request_source::render(const body_template& body, std::string& out) {
  out.assign(method_).append(" ");
  path_.render(out, number_, random_);
  out += fields_;
  if (!has_body_)
    return;
  body_buffer_.clear();
  body.render(body_buffer_, number_, random_);
  out += std::to_string(body_buffer_.size());
  out += "\r\n\r\n";
  out += body_buffer_;
}

request_bytes request_source::next() {
  const auto& x = variants_[turn_ % variants_.size()];
  ++turn_;
  if (!x.whole.empty()) {
    number_ += stride_;
    return {&x.whole, true};
  }
  render(x.body, buffer_);
  number_ += stride_;
  return {&buffer_, false};
}

} // namespace troupe::load
