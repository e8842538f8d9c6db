#include "troupe/specs/exchange/shared_request.hpp"

namespace troupe {

request without_its_body(const request& x) {
  return {.method = x.method,
          .target = x.target,
          .path = x.path,
          .params = x.params,
          .headers = x.headers,
          .max_json_memory = x.max_json_memory,
          .json_memory = x.json_memory,
          .remote = x.remote};
}

shared_bytes shared_body(const exchange_ptr& ex) {
  const auto& x = ex->request;
  return x.spooled.empty() ? shared_bytes{ex, x.body} : x.spooled;
}

request shared_request(const exchange_ptr& ex) {
  auto result = without_its_body(ex->request);
  result.document = ex->request.document;
  result.spooled = shared_body(ex);
  return result;
}

} // namespace troupe
