// Serves the same tokens as the items of a plain stream at /stream, and as a
// chat at /v1/chat/completions, for streams.py: `max_tokens` of them,
// `pause_us` apart.

#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/http/server.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/specs/openai/openai_spec.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>

namespace {

using namespace troupe;
using nlohmann::json;

class speaker {
public:
  void predict(const json& x, stream<json>& out) {
    constexpr std::array words{"The",   " quick",   " brown", " fox", " jumps",
                               " over", " \"the\"", "\n",     " dog"};
    const auto count = x.value("max_tokens", std::size_t{100});
    const std::chrono::microseconds pause{x.value("pause_us", 0)};
    for (std::size_t i = 0; i < count; ++i) {
      if (pause.count() > 0)
        std::this_thread::sleep_for(pause);
      if (!out.write(words[i % words.size()]))
        return;
    }
  }
};

} // namespace

int main() {
  server_options options;
  options.port = 0;
  server served{options, no_log()};
  model_options speaking;
  speaking.name = "speaker";
  speaking.predict = "/stream";
  served.add<speaker>(speaking);
  openai_options openai;
  openai.model = speaking.name;
  served.add(std::make_shared<openai_spec>(openai));
  bench::serve(served);
}
