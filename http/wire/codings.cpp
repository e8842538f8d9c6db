#include "troupe/http/wire/codings.hpp"

#include "troupe/http/wire/field_list.hpp"

#include <string>

namespace troupe {

std::optional<failure> check_transfer_coding(const header_map& headers) {
  std::string room;
  auto list = joined(headers, "Transfer-Encoding", room);
  auto empty = list.empty() || list.back() == ',';
  auto others = 0;
  auto chunked = 0;
  auto last = false;
  while (!list.empty()) {
    auto item = next_item(list, ',');
    empty = empty || item.empty();
    last = iequals(item, "chunked");
    ++(last ? chunked : others);
  }
  if (empty || !last || chunked != 1)
    return make_failure(errc::bad_request,
                        "Transfer-Encoding: the last coding, and no other one, "
                        "must be \"chunked\"");
  if (others > 0)
    return make_failure(errc::not_implemented,
                        "Transfer-Encoding: only \"chunked\" is supported; "
                        "Content-Encoding may be gzip");
  return std::nullopt;
}

expectation expectation_of(const header_map& headers) {
  std::string room;
  auto list = joined(headers, "Expect", room);
  auto result = expectation::none;
  while (!list.empty()) {
    auto item = next_item(list, ',');
    if (iequals(item, "100-continue"))
      result = expectation::continue_100;
    else if (!item.empty())
      return expectation::unknown;
  }
  return result;
}

content_coding content_coding_of(const header_map& headers) {
  std::string room;
  auto list = joined(headers, "Content-Encoding", room);
  auto result = content_coding::identity;
  while (!list.empty()) {
    auto item = next_item(list, ',');
    if (item.empty() || iequals(item, "identity"))
      continue;
    // RFC 9110 section 8.4.1.3 for the second name.
    auto known = iequals(item, "gzip") || iequals(item, "x-gzip");
    if (!known || result != content_coding::identity)
      return content_coding::unsupported;
    result = content_coding::gzip;
  }
  return result;
}

failure unsupported_coding() {
  auto result =
    make_failure(errc::unsupported_media_type,
                 "Content-Encoding: only \"gzip\", once, is supported");
  result.headers.add("Accept-Encoding", "gzip");
  return result;
}

} // namespace troupe
