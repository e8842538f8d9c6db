#pragma once

#include "troupe/http/wire/request_parser.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Feeds a parser as a connection does.
namespace parse_support {

using namespace troupe;
using parse_progress = request_parser::progress;
using namespace std::string_literals;

/// What came of some bytes.
struct outcome {
  parse_progress last = parse_progress::need_more;
  errc code = errc::internal;
  std::size_t consumed = 0;
  std::size_t given = 0;
  std::string text = {};

  friend bool operator==(const outcome&, const outcome&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const outcome& x) {
  return out << "progress " << static_cast<int>(x.last) << ", code "
             << to_string(x.code) << ", consumed " << x.consumed << " of "
             << x.given << ": " << x.text;
}

class feeder {
public:
  explicit feeder(const connection_limits& limits = defaults())
    : parser(limits) {
    // nop
  }

  static const connection_limits& defaults() {
    static const connection_limits instance;
    return instance;
  }

  parse_progress give(std::string_view piece) {
    result_.given += piece.size();
    pending_ += piece;
    while (!ended_ && !pending_.empty()) {
      std::size_t n = 0;
      result_.last = parser.put(pending_, n);
      EXPECT_LE(n, pending_.size());
      result_.consumed += n;
      pending_.erase(0, n);
      if (result_.last == parse_progress::header_done) {
        if (stop_at_header)
          break;
        if (!parser.body_pending())
          result_.last = parse_progress::done;
      }
      ended_ = result_.last == parse_progress::done
               || result_.last == parse_progress::broken;
      if (result_.last == parse_progress::need_more && n == 0)
        break;
    }
    return result_.last;
  }

  /// Everything that a connection would see.
  outcome result() {
    auto x = result_;
    if (x.last == parse_progress::broken) {
      // Where the parser stood does not matter any more.
      x.consumed = 0;
      x.code = parser.error().code;
      x.text = std::to_string(parser.error().effective_status()) + ' '
               + parser.error().effective_detail().dump() + '\n';
      if (!parser.header_complete())
        parser.keep_whole_fields(pending_);
      append_fields(x.text);
      return x;
    }
    auto& req = parser.request();
    x.text = std::string{to_string(req.method)} + ' ' + req.target + '\n';
    append_fields(x.text);
    if (parser.header_complete()) {
      x.text += parser.keep_alive() ? "keep-alive\n" : "close\n";
      x.text += parser.is_http_11() ? "1.1\n" : "1.0\n";
      x.text += parser.expects_continue() ? "continue\n" : "";
    }
    x.text += '\n' + req.body;
    return x;
  }

  bool stop_at_header = false;
  request_parser parser;

private:
  void append_fields(std::string& out) {
    const auto& headers = parser.request().headers;
    for (std::size_t i = 0; i < headers.size(); ++i)
      out.append(headers[i].name).append(": ").append(headers[i].value) += '\n';
  }

  outcome result_;
  std::string pending_;
  bool ended_ = false;
};

/// Returns the head and the body of a POST.
inline std::string post_bytes(std::string_view fields, std::string_view body) {
  return "POST /predict HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n"
         + std::string{body};
}

inline outcome parse(std::string_view bytes,
                     const connection_limits& limits = feeder::defaults()) {
  feeder f{limits};
  f.give(bytes);
  return f.result();
}

/// Parses whole, byte by byte, in lines that end with the next one's first
/// byte, and cut in two at every place; expects the same each time.
inline outcome
parse_every_way(std::string_view bytes,
                const connection_limits& limits = feeder::defaults()) {
  auto whole = parse(bytes, limits);
  feeder single{limits};
  feeder lines{limits};
  std::string line;
  auto after_newline = false;
  for (auto c : bytes) {
    single.give({&c, 1});
    line += c;
    if (std::exchange(after_newline, c == '\n'))
      lines.give(std::exchange(line, {}));
  }
  lines.give(line);
  EXPECT_EQ(single.result(), whole) << "byte by byte: " << bytes;
  EXPECT_EQ(lines.result(), whole) << "line by line: " << bytes;
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    feeder halves{limits};
    halves.give(bytes.substr(0, i));
    halves.give(bytes.substr(i));
    EXPECT_EQ(halves.result(), whole) << "cut at " << i << ": " << bytes;
    if (::testing::Test::HasNonfatalFailure())
      break;
  }
  return whole;
}

} // namespace parse_support
