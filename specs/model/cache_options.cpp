#include "troupe/specs/model/cache_options.hpp"

#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/values/headers.hpp"

namespace troupe {

std::string cache_options::validate() const {
  if (ttl.count() < 0)
    return "cache.ttl_ms: not negative (0 means as long as the model)";
  if (!enabled() && !vary.empty())
    return "cache.vary: has no effect without cache.max_bytes";
  for (const auto& name : vary)
    if (!is_token(name))
      return "cache.vary: " + quoted_list({name})
             + " is not the name of a header field";
  return {};
}

} // namespace troupe
