#include "troupe/http/server/server_middleware.hpp"

#include "troupe/http/around/cors.hpp"
#include "troupe/http/around/rate_limit.hpp"

namespace troupe {

middleware_list make_middleware(const server_options& options,
                                const middleware_list& added) {
  middleware_list result;
  // CORS outermost, so that pages can read refusals.
  if (!options.cors.allow_origins.empty())
    result.push_back(std::make_shared<cors>(options.cors));
  if (options.rate_limit.per_second > 0) {
    std::vector<std::string> probes;
    for (const auto& x : builtin_table)
      if (const auto& path = options.builtins[x.id]; path && x.probe)
        probes.push_back(*path);
    result.push_back(
      std::make_shared<rate_limit>(options.rate_limit, std::move(probes)));
  }
  result.insert(result.end(), added.begin(), added.end());
  return result;
}

} // namespace troupe
