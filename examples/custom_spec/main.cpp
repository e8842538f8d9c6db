// A wire protocol of your own beside /predict: TensorFlow Serving's predict
// call, as a spec of two endpoints. Usage: example_custom_spec [PORT]
#include "troupe/http/server.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using nlohmann::json;

/// TensorFlow Serving's first example: x / 2 + 2, for each x of a list.
struct half_plus_two {
  std::vector<double> predict(const std::vector<double>& xs) {
    std::vector<double> result;
    result.reserve(xs.size());
    for (auto x : xs)
      result.push_back(x / 2 + 2);
    return result;
  }
};

/// Errors as this protocol's clients expect them: {"error": "..."}.
troupe::reply render_error(const troupe::failure& why) {
  auto detail = why.effective_detail();
  auto text = detail.is_string() ? detail.get<std::string>() : detail.dump();
  auto result = troupe::json_reply(json{{"error", std::move(text)}},
                                   why.effective_status());
  result.headers = why.headers;
  return result;
}

class tf_serving : public troupe::spec {
public:
  explicit tf_serving(std::vector<std::string> models) : spec("tf-serving") {
    render_error = ::render_error;
    post("/v1/models/{name}:predict",
         [](const auto& req, auto&) { return translate(req); });
    get("/v1/models", [models = std::move(models)](const auto&, auto&) {
      return json{{"models", models}};
    });
  }

private:
  /// {"instances": xs} is a call of the model with xs; what it answers goes
  /// back as {"predictions": ...}.
  static troupe::outcome translate(const troupe::request& req) {
    auto body = req.json();
    if (!body.is_object() || !body.contains("instances"))
      throw troupe::http_error(400, "expected {\"instances\": [...]}");
    return troupe::call_model(std::string{req.param("name")},
                              std::move(body["instances"]))
      .then([](troupe::reply answer) {
        if (auto* document = answer.body.json())
          answer.body = json{{"predictions", std::move(*document)}};
        return answer;
      });
  }
};

} // namespace

int main(int argc, char** argv) try {
  troupe::server_options options;
  options.port =
    static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8000);
  troupe::server server{options};

  troupe::model_options model;
  model.name = "half_plus_two";
  server.add<half_plus_two>(model); // at /predict, which the spec leaves alone
  server.add(std::make_shared<tf_serving>(std::vector{model.name}));
  server.get("/ping", [](const auto&, auto&) { return "pong"; });

  return server.run();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
