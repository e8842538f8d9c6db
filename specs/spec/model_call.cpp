#include "troupe/specs/spec/model_call.hpp"

#include <utility>

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

} // namespace troupe
