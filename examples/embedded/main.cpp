// Troupe inside a program that has an actor system already: two servers, asked
// by actor message while HTTP clients ask them, too. The program keeps its own
// signal handling and decides itself when to stop.
// Usage: example_embedded [--once]
#include "troupe/http/embedded.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

struct square_model {
  double predict(double x) {
    return x * x;
  }
};

struct shout_model {
  std::string predict(const std::string& text) {
    return text + '!';
  }
};

/// Each server takes a free port.
template <class Model>
std::unique_ptr<troupe::server> serve(caf::actor_system& system,
                                      const std::string& name) {
  troupe::server_options options;
  options.port = 0;
  auto result = std::make_unique<troupe::server>(system, options);
  troupe::model_options model;
  model.name = name;
  result->add<Model>(model);
  result->start();
  if (!result->wait_ready())
    throw std::runtime_error(name + " did not become ready");
  std::printf("%s: http://127.0.0.1:%d/predict\n", name.c_str(),
              int{result->port()});
  return result;
}

/// Asks a model from an actor of the program's own.
void ask(caf::scoped_actor& self, const troupe::server& server,
         const std::string& model, json document) {
  self
    ->request(troupe::server_access::router(server), 5s,
              troupe::atom::predict_v, model,
              std::make_shared<const json>(std::move(document)))
    .receive(
      [&](const troupe::predict_reply& x) {
        std::printf("%s by message: %d %s\n", model.c_str(), x.status,
                    x.document->dump().c_str());
      },
      [&](const caf::error&) {
        std::printf("%s by message: no answer in 5 s\n", model.c_str());
      });
}

} // namespace

int main(int argc, char** argv) try {
  const bool once = argc > 1 && std::string_view{argv[1]} == "--once";
  caf::actor_system_config config;
  troupe::prepare(config);
  caf::actor_system system{config};

  auto first = serve<square_model>(system, "square");
  auto second = serve<shout_model>(system, "shout");
  {
    caf::scoped_actor self{system};
    ask(self, *first, "square", 7);
    ask(self, *second, "shout", "hello");
    ask(self, *second, "shout", json::array({1, 2}));
  }
  std::fflush(stdout);

  // This program ends when its input does.
  while (!once && std::getchar() != EOF) {
    // nop
  }
  auto report = first->stop();
  second->stop();
  std::printf("square finished %d requests\n",
              static_cast<int>(report.finished));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
