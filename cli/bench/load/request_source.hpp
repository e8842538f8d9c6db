#pragma once

#include "troupe/cli/bench/load/body_template.hpp"
#include "troupe/cli/bench/load/target.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::load {

/// What to send.
struct request_options {
  load::target target;
  /// Empty: POST with a body, GET without.
  std::string method = {};
  /// In the order given. Host, Content-Length, User-Agent and Accept are added
  /// unless they are here.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Sent in turn; empty: no body.
  std::vector<std::string> bodies = {};
  /// Of the body, unless a header says it.
  std::string content_type = {};
  /// Whether places such as `{{n}}` in path and bodies are filled in.
  bool templates = false;
  /// The number of the first request.
  std::uint64_t first_number = 0;
  /// Of random values, together with the numbers: the same requests again.
  std::uint64_t seed = 1;
};

/// A field of a multipart form (RFC 7578), in curl's spelling:
/// `name=value`, `name=@file`, `name=@file;type=image/png`.
/// @throws std::invalid_argument when it is none of these or the file can't be
/// read.
struct form_field {
  std::string name;
  std::string value = {};
  std::string filename = {};
  std::string content_type = {};

  static form_field parse(const std::string& text);
};

/// The body, and its Content-Type with a boundary that does not occur in it.
std::pair<std::string, std::string>
multipart_body(const std::vector<form_field>& fields);

/// A file's bytes. @throws std::invalid_argument with the reason.
std::string read_file(const std::string& path);

/// A request, whole.
struct request_bytes {
  const std::string* bytes = nullptr;
  /// Whether they stay as they are for as long as their source lives; else they
  /// are valid until its next request.
  bool stable = false;
};

/// Makes the bytes of one request after the other. One for each thread.
class request_source {
public:
  /// @param index, count of sources that share one count of requests: this one
  ///   gives its own each `count`th number. Each sends all bodies in turn, the
  ///   first with the body that has its index.
  /// @throws std::invalid_argument for a template that is wrong, a header that
  ///   would break the message.
  explicit request_source(const request_options& options,
                          std::uint64_t index = 0, std::uint64_t count = 1);

  request_bytes next();

  /// Above all numbers so far.
  [[nodiscard]] std::uint64_t next_number() const noexcept {
    return number_;
  }

private:
  struct variant {
    body_template body;
    /// The whole request, when nothing in it changes.
    std::string whole = {};
  };

  void render(const body_template& body, std::string& out);

  std::string method_;
  body_template path_;
  /// Ends with `Content-Length: `, or whole when there is no body.
  std::string fields_;
  bool has_body_ = false;
  std::vector<variant> variants_;
  std::mt19937_64 random_;
  std::uint64_t number_;
  std::uint64_t stride_;
  std::size_t turn_ = 0;
  std::string buffer_;
  std::string body_buffer_;
};

} // namespace troupe::load
