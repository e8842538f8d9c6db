#include "troupe/cli/bench/load/response_reader.hpp"

namespace troupe::load {

response_reader::response_reader(bool head) {
  eager(true);
  skip(head);
  body_limit(boost::none);
  header_limit(256U * 1024);
}

void response_reader::on_request_impl(verb, string_view, string_view, int,
                                      error_code&) {
  // nop
}

void response_reader::on_response_impl(int code, string_view, int,
                                       error_code&) {
  status_ = static_cast<unsigned>(code);
}

void response_reader::on_field_impl(field name, string_view, string_view value,
                                    error_code&) {
  if (name != field::content_type)
    return;
  format_ = format_of({value.data(), value.size()});
  counter_ = item_counter{format_};
}

void response_reader::on_header_impl(error_code&) {
  // nop
}

void response_reader::on_body_init_impl(const boost::optional<std::uint64_t>&,
                                        error_code&) {
  // nop
}

std::size_t response_reader::on_body_impl(string_view body, error_code&) {
  items_ += counter_.feed({body.data(), body.size()});
  return body.size();
}

void response_reader::on_chunk_header_impl(std::uint64_t, chunk_extension_view,
                                           error_code&) {
  // nop
}

std::size_t response_reader::on_chunk_body_impl(std::uint64_t, string_view body,
                                                error_code&) {
  items_ += counter_.feed({body.data(), body.size()});
  return body.size();
}

void response_reader::on_finish_impl(error_code&) {
  items_ += counter_.finish();
}

} // namespace troupe::load
