#include "troupe/specs/spec/spec.hpp"

namespace troupe {

spec& spec::add(endpoint e, handler h, std::string origin) {
  routes_.push_back({std::move(e), std::move(h), std::move(origin)});
  return *this;
}

spec& spec::get(std::string pattern, handler h, endpoint options) {
  options.methods = {method::get};
  options.pattern = std::move(pattern);
  return add(std::move(options), std::move(h));
}

spec& spec::post(std::string pattern, handler h, endpoint options) {
  options.methods = {method::post};
  options.pattern = std::move(pattern);
  return add(std::move(options), std::move(h));
}

spec& spec::put(std::string pattern, handler h, endpoint options) {
  options.methods = {method::put};
  options.pattern = std::move(pattern);
  return add(std::move(options), std::move(h));
}

spec& spec::del(std::string pattern, handler h, endpoint options) {
  options.methods = {method::del};
  options.pattern = std::move(pattern);
  return add(std::move(options), std::move(h));
}

} // namespace troupe
