#pragma once

#include "troupe/specs/openai/chat/chat_request.hpp"
#include "troupe/specs/openai/openai_spec.hpp"
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::openai {

inline constexpr auto chat_path = "/v1/chat/completions";

/// Sends a body that says it is JSON.
inline http_response post_json(http_client& client, std::string_view path,
                               const std::string& body,
                               header_list headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  return client.post(path, body, headers);
}

/// On a connection of its own.
inline http_response post_json(const quiet_server& server,
                               std::string_view path, const std::string& body) {
  http_client client{server.port()};
  return post_json(client, path, body);
}

/// What the models of a test do to be seen.
struct probe {
  gate entered;
  std::atomic<int> cancelled{0};
  /// Items of endless streams.
  std::atomic<int> items{0};
};

/// Yields what the last message, a JSON list, says: items as they are, and
/// `{"throw": 501}`, `{"die": true}`, `{"seen": true}` (the request that it
/// got), `{"pass": true}` (waits at the gate), `{"endless": true}` (until
/// nobody reads).
class scripted {
public:
  explicit scripted(std::shared_ptr<probe> p) : probe_(std::move(p)) {
    // nop
  }

  void predict(const json& document, stream<json>& out) {
    auto text = document.at("messages").back().at("content");
    for (const auto& step : json::parse(text.get<std::string>())) {
      if (step.contains("throw"))
        throw http_error(step["throw"].get<int>(), "as asked for",
                         {{"Retry-After", "7"}});
      if (step.contains("die"))
        throw std::runtime_error("secret");
      if (step.contains("seen"))
        out.write(document.dump());
      else if (step.contains("pass"))
        probe_->entered.pass();
      else if (step.contains("endless"))
        while (out.write("x"))
          ++probe_->items;
      else
        out.write(step);
    }
    if (out.cancelled())
      ++probe_->cancelled;
  }

private:
  std::shared_ptr<probe> probe_;
};

/// Says how many it was asked together with.
struct batched_chat {
  std::vector<std::string> predict(std::span<const chat_request> chats) {
    std::vector<std::string> result;
    result.reserve(chats.size());
    for (const auto& x : chats)
      result.push_back(x.messages.back().text() + " of "
                       + std::to_string(chats.size()));
    return result;
  }
};

/// Answers who brings the token.
struct guarded_chat {
  bool authorize(const request& req) {
    return req.header("X-Token") == "open sesame";
  }

  std::string predict(const chat_request& chat) {
    return chat.messages.back().text();
  }
};

/// How much memory a call has for the body that its document came from.
struct body_capacity {
  std::vector<std::size_t> predict(const json&, context& ctx) {
    return {ctx.request().body.capacity()};
  }
};

/// The length of a text, and a one.
struct lengths {
  std::vector<json> predict(std::span<const json> inputs) {
    std::vector<json> result;
    result.reserve(inputs.size());
    for (const auto& x : inputs) {
      auto n = x.at("input").get<std::string>().size();
      result.push_back({{"embedding", {n, 1}}, {"prompt_tokens", n}});
    }
    return result;
  }
};

/// The chat `scripted` and the embeddings `lengths`, in batches.
class openai_server : public quiet_server {
public:
  explicit openai_server(server_options options = test_options(),
                         openai_options spec_options = default_options(),
                         const std::string& prefix = {})
    : quiet_server(std::move(options)) {
    auto chat = named("scripted", "/scripted");
    chat.workers = 4;
    add<scripted>(chat, seen);
    auto embeddings = named("lengths", "/lengths");
    embeddings.batch.max_size = 8;
    embeddings.batch.max_delay = std::chrono::milliseconds{5};
    add<lengths>(embeddings);
    auto s = std::make_shared<openai_spec>(std::move(spec_options));
    s->prefix = prefix;
    add(std::move(s));
  }

  static openai_options default_options() {
    openai_options result;
    result.model = "scripted";
    result.aliases = {"gpt-4o"};
    result.embeddings = "lengths";
    return result;
  }

  /// A chat whose model runs a script.
  [[nodiscard]] static json script(const json& steps, const json& more = {}) {
    json result{{"model", "scripted"},
                {"messages", {{{"role", "user"}, {"content", steps.dump()}}}}};
    if (more.is_object())
      result.update(more);
    return result;
  }

  [[nodiscard]] http_response chat(const json& body) const {
    return post_json(*this, "/v1/chat/completions", body.dump());
  }

  [[nodiscard]] http_response embed(const json& body) const {
    return post_json(*this, "/v1/embeddings", body.dump());
  }

  std::shared_ptr<probe> seen = std::make_shared<probe>();
};

/// The `data` of a stream's events; the names of events are left out.
inline std::vector<std::string> events_of(const std::string& body) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < body.size();) {
    auto end = std::min(body.find("\n\n", i), body.size());
    auto event = body.substr(i, end - i);
    auto data = event.find("data: ");
    if (data != std::string::npos)
      result.push_back(event.substr(data + 6));
    i = end + 2;
  }
  return result;
}

/// What the choices of a stream say, in the order of their numbers.
inline std::vector<std::string>
contents_of(const std::vector<std::string>& events, std::size_t n = 1) {
  std::vector<std::string> result(n);
  for (const auto& text : events) {
    auto event = json::parse(text, nullptr, false);
    if (!event.is_object() || !event.contains("choices"))
      continue;
    for (const auto& x : event["choices"])
      result.at(x["index"]) += x["delta"].value("content", "");
  }
  return result;
}

inline json error_of(const http_response& x) {
  return json_of(x)["error"];
}

/// A chat's request with one message.
inline json message(const json& content) {
  return {{"messages", {{{"role", "user"}, {"content", content}}}}};
}

/// Runs `f(connection, client, round)` as 8 clients at once, 10 times each.
/// @returns how often it was true
template <class F>
int right_of_80(std::uint16_t port, F f) {
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      http_client connection{port};
      for (int i = 0; i < 10; ++i)
        if (f(connection, c, i))
          ++right;
    });
  for (auto& x : clients)
    x.join();
  return right;
}

inline std::string content_of(const http_response& x) {
  return json_of(x)["choices"][0]["message"].value("content", "");
}

} // namespace troupe::openai
