// A chat model and an embedding model of your own, for OpenAI's clients.
// Usage: example_openai_chat [PORT]
#include "troupe/http/server.hpp"
#include "troupe/specs/openai/chat/chat_request.hpp"
#include "troupe/specs/openai/embeddings/embeddings.hpp"
#include "troupe/specs/openai/openai_spec.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

/// Says what the user said, word by word. When there is a tool, it asks for it
/// to be called with that text instead.
struct parrot {
  void predict(const troupe::openai::chat_request& chat,
               troupe::stream<json>& out) {
    auto text = chat.messages.back().text();
    if (!chat.tools.empty() && chat.messages.back().role == "user") {
      json function{{"name", chat.tools.front().name},
                    {"arguments", {{"text", text}}}};
      out.write({{"tool_calls", {{{"function", std::move(function)}}}}});
      return;
    }
    std::istringstream words{text};
    std::int64_t said = 0;
    for (std::string word; words >> word; ++said) {
      if (said == chat.max_tokens) {
        out.write({{"finish_reason", "length"}});
        break;
      }
      // false: the client is gone.
      if (!out.write(said == 0 ? word : ' ' + word))
        return;
    }
  }
};

/// How often each letter occurs, for many texts at once.
struct letters {
  std::vector<std::vector<double>>
  predict(std::span<const troupe::openai::embedding_input> inputs) {
    std::vector<std::vector<double>> result;
    for (const auto& input : inputs) {
      auto& counts = result.emplace_back(26, 0.0);
      for (auto c : input.text)
        if (c >= 'a' && c <= 'z')
          ++counts[static_cast<std::size_t>(c - 'a')];
    }
    return result;
  }
};

} // namespace

int main(int argc, char** argv) try {
  troupe::server_options options;
  options.port =
    static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8000);
  troupe::server server{options};

  troupe::model_options chat;
  chat.name = "parrot"; // at /predict, too
  server.add<parrot>(chat);

  troupe::model_options embeddings;
  embeddings.name = "letters";
  embeddings.predict = "/letters";
  embeddings.batch.max_size = 32;
  server.add<letters>(embeddings);

  troupe::openai_options openai;
  openai.model = chat.name;
  openai.aliases = {"gpt-4o-mini"};
  openai.embeddings = embeddings.name;
  openai.embedding_aliases = {"text-embedding-3-small"};
  server.add(std::make_shared<troupe::openai_spec>(openai));

  return server.run();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
