#pragma once

#include "troupe/cli/bench/load/item_counter.hpp"

#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe::load {

/// Reads one response from bytes cut anywhere, by Beast's parser; keeps
/// nothing of the body. One object for each response.
class response_reader : public boost::beast::http::basic_parser<false> {
public:
  /// @param head whether the request was HEAD: the answer has no body.
  explicit response_reader(bool head);

  [[nodiscard]] unsigned status() const noexcept {
    return status_;
  }

  /// The items that came since the last call.
  std::size_t take_items() noexcept {
    auto result = items_;
    items_ = 0;
    return result;
  }

private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;
  using chunk_extension_view = string_view;

  void on_request_impl(verb, string_view, string_view, int,
                       error_code&) override;
  void on_response_impl(int code, string_view reason, int version,
                        error_code&) override;
  void on_field_impl(field name, string_view name_text, string_view value,
                     error_code&) override;
  void on_header_impl(error_code&) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code&) override;
  std::size_t on_body_impl(string_view body, error_code&) override;
  void on_chunk_header_impl(std::uint64_t size, chunk_extension_view,
                            error_code&) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body,
                                 error_code&) override;
  void on_finish_impl(error_code&) override;

  unsigned status_ = 0;
  stream_format format_ = stream_format::none;
  item_counter counter_;
  std::size_t items_ = 0;
};

} // namespace troupe::load
