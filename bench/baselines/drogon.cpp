// The same answer by drogon, at its leanest: one thread, no Date and Server
// fields, JSON by nlohmann. Takes a free port as its argument.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <drogon/drogon.h>
#include <functional>

namespace {

void predict(const drogon::HttpRequestPtr& request,
             std::function<void(const drogon::HttpResponsePtr&)>&& answer) {
  auto response = drogon::HttpResponse::newHttpResponse();
  response->setContentTypeCode(drogon::CT_APPLICATION_JSON);
  try {
    auto x = nlohmann::json::parse(request->body()).at("input").get<double>();
    response->setBody(nlohmann::json{{"output", x * x}}.dump());
  } catch (const nlohmann::json::exception& e) {
    response->setStatusCode(drogon::k400BadRequest);
    response->setBody(nlohmann::json{{"detail", e.what()}}.dump());
  }
  answer(response);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  drogon::app()
    .registerHandler("/predict", &predict, {drogon::Post})
    .enableServerHeader(false)
    .enableDateHeader(false)
    .setThreadNum(1)
    .addListener("127.0.0.1", port)
    .run();
  return 0;
}
