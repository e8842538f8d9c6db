#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/endpoint/pattern.hpp"
#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/values/error.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

;

/// One line of the merged table. A value.
struct table_entry {
  troupe::endpoint endpoint = {};
  troupe::pattern pattern = {};
  endpoint_kind kind = endpoint_kind::route;
  /// Who answers: the model's or spec's name, `routes`, or `troupe`.
  std::string owner = {};
  entry_origin origin = {};
  error_renderer render_error = render_detail;
  /// `spec::error_scope`, prefix included.
  std::string error_scope = {};
  /// The index of its target in the snapshot; the table itself only returns it.
  std::uint32_t target_index = 0;
  /// Which endpoint of its owner this is; handed to the owner's handler.
  std::uint32_t endpoint_index = 0;
  /// Its own bound, see `endpoint::max_concurrency`; null for none.
  std::shared_ptr<admission> bound = {};
};

} // namespace troupe
