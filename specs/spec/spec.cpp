#include "troupe/specs/spec/spec.hpp"

namespace troupe {

namespace {

class function_encoder final : public reply_encoder {
public:
  explicit function_encoder(std::function<reply(reply)> f) : f_(std::move(f)) {
    // nop
  }

  reply finish(reply answer) override {
    return f_(std::move(answer));
  }

private:
  std::function<reply(reply)> f_;
};

} // namespace

model_call model_call::then(std::function<reply(reply)> encode) && {
  encoder = std::make_shared<function_encoder>(std::move(encode));
  return std::move(*this);
}

model_call call_model(std::string model, nlohmann::json document) {
  return {std::move(model),
          std::make_shared<const nlohmann::json>(std::move(document)), nullptr};
}

model_call call_model(std::string model) {
  return {std::move(model), nullptr, nullptr};
}

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
