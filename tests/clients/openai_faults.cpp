// A chat that goes wrong in the ways that its user names; what
// openai_faults.mjs asks. Usage: openai_faults PORT
#include "troupe/http/server.hpp"
#include "troupe/specs/openai/chat/chat_request.hpp"
#include "troupe/specs/openai/openai_spec.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace {

using nlohmann::json;

struct counters {
  std::atomic<int> busy{0};
  std::atomic<int> cancelled{0};
};

class faults {
public:
  explicit faults(std::shared_ptr<counters> x) : counters_(std::move(x)) {
    // nop
  }

  void predict(const troupe::openai::chat_request& chat,
               troupe::stream<json>& out) {
    auto wish = chat.messages.back().text();
    if (wish == "die")
      throw std::runtime_error("a secret");
    if (wish == "busy always"
        || (wish == "busy once" && ++counters_->busy == 1))
      throw troupe::http_error(503, "busy", {{"Retry-After", "1"}});
    if (wish == "fail") {
      out.write("one");
      throw troupe::http_error(501, "no more");
    }
    if (wish == "endless") {
      while (out.write("on and ")) {
      }
      ++counters_->cancelled;
      return;
    }
    out.write("at last");
  }

private:
  std::shared_ptr<counters> counters_;
};

} // namespace

int main(int argc, char** argv) try {
  troupe::server_options options;
  options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  troupe::server server{options};
  auto seen = std::make_shared<counters>();
  troupe::model_options model;
  model.name = "faults";
  model.workers = 2;
  server.add<faults>(model, seen);
  troupe::openai_options openai;
  openai.model = model.name;
  openai.aliases = {"org/faults"};
  server.add(std::make_shared<troupe::openai_spec>(openai));
  server.get("/cancelled", [seen](const auto&, auto&) {
    return json(seen->cancelled.load());
  });
  return server.run();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
