#include "troupe/http/server.hpp"

#include <cstdio>
#include <utility>

namespace {

struct doubler {
  nlohmann::json predict(const nlohmann::json& x) {
    return x.get<int>() * 2;
  }
};

} // namespace

int main() {
  troupe::server_options options;
  options.port = 0;
  troupe::server server{std::move(options)};
  troupe::model_options model;
  model.name = "doubler";
  server.add<doubler>(std::move(model));
  server.start();
  if (server.port() == 0 || !server.wait_ready()) {
    std::puts("not ready");
    return 1;
  }
  auto answer = server.predict("doubler", 21);
  server.stop();
  if (answer != 42) {
    std::printf("expected 42, got %s\n", answer.dump().c_str());
    return 1;
  }
  std::puts("OK");
  return 0;
}
