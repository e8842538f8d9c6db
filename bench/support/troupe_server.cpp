#include "troupe/bench/support/troupe_server.hpp"

#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace troupe::bench {

namespace {

server_options free_port() {
  server_options result;
  result.port = 0;
  return result;
}

model_options model_at(const char* name, const char* path,
                       execution_mode execution) {
  model_options result;
  result.name = name;
  result.predict = path;
  result.execution = execution;
  return result;
}

/// A wire format of its own, in front of `square`.
class translating_spec : public spec {
public:
  translating_spec() : spec("translating") {
    post("/spec/square", [](const request& req, auto&) {
      return call_model("square", {{"input", req.json().at("x")}})
        .then([](reply answer) {
          return json_reply({{"y", answer.body.json()->at("output")}});
        });
    });
  }
};

} // namespace

void serve(server& served) {
  served.start();
  if (!served.wait_ready())
    std::exit(1);
  std::printf("port %d\n", served.port());
  std::fflush(stdout);
  for (;;)
    pause();
}

void run_troupe_server(execution_mode execution, std::size_t filler_routes) {
  server served{free_port(), no_log()};
  served.add(make_square(model_at("square", "/predict", execution), {}));
  for (std::size_t i = 0; i < filler_routes; ++i)
    served.get("/filler/" + std::to_string(i),
               [](const request&, auto&) { return "filler"; });
  serve(served);
}

void run_sleep_server(batch_cost cost, batch_options batch,
                      std::size_t workers) {
  server served{free_port(), no_log()};
  auto model = model_at("sleep", "/predict", execution_mode::dedicated);
  model.workers = workers;
  model.batch = batch;
  model_config config;
  config.options = {{"base_ms", cost.base_ms},
                    {"per_item_ms", cost.per_item_ms}};
  served.add(make_sleep(std::move(model), config));
  serve(served);
}

void run_workload_server() {
  server served{free_port(), no_log()};
  constexpr auto inlined = execution_mode::inlined;
  constexpr auto dedicated = execution_mode::dedicated;
  served.add(make_square(model_at("square", "/predict", inlined), {}));
  served.add(make_echo(model_at("echo", "/echo", inlined), {}));
  model_config stream;
  stream.options = {{"count", 100}, {"interval_ms", 0}};
  served.add(make_stream(model_at("stream", "/stream", dedicated), stream));
  served.add(make_sleep(model_at("sleep", "/sleep", dedicated), {}));
  model_config spinning;
  spinning.options = {{"spin", true}};
  served.add(make_sleep(model_at("spin", "/spin", dedicated), spinning));
  served.add(std::make_shared<translating_spec>());
  served.post("/slow", [](const request&, auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    return "done";
  });
  served.post("/quick", [](const request&, auto&) { return "done"; });
  serve(served);
}

} // namespace troupe::bench
