#include "troupe/http/server/route_sets.hpp"

#include "troupe/specs/text/text.hpp"

#include <utility>

namespace troupe {

namespace {

class route_set final : public spec {
public:
  explicit route_set(std::string name) : spec(std::move(name)) {
    is_route_ = true;
  }
};

} // namespace

void route_sets::collect(endpoint e, handler h) {
  auto origin = origin_of_route(e);
  if (collected_ == nullptr)
    collected_ = make_set();
  collected_->add(std::move(e), std::move(h), std::move(origin));
}

std::shared_ptr<spec> route_sets::take() noexcept {
  return std::exchange(collected_, nullptr);
}

std::shared_ptr<spec> route_sets::make_single(endpoint e, handler h) {
  auto result = make_set();
  auto origin = origin_of_route(e);
  result->add(std::move(e), std::move(h), std::move(origin));
  return result;
}

std::shared_ptr<spec> route_sets::make_set() {
  auto n = count_++;
  return std::make_shared<route_set>(n == 0 ? "routes"
                                            : "routes-" + std::to_string(n));
}

std::string origin_of_route(const endpoint& e) {
  return "server." + lowered(to_string(e.methods)) + "(\"" + e.pattern + "\")";
}

} // namespace troupe
