#pragma once

#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/openai_spec.hpp"
#include "troupe/specs/openai/wire/error.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::openai {

using nlohmann::json;

/// Options whose answers are the same each time.
inline openai_options fixed_options() {
  openai_options result;
  result.model = "m";
  result.embeddings = "e";
  result.clock = [] { return 1'700'000'000; };
  result.new_id = [] { return "ID"; };
  return result;
}

/// What a client sees of an answer that is not over the wire.
struct seen {
  int status = 0;
  /// Of a whole answer or an error.
  json body = {};
  /// The `data` of the events of a stream.
  std::vector<std::string> events = {};

  /// The n-th event as JSON.
  [[nodiscard]] json chunk(std::size_t n) const {
    return json::parse(events.at(n));
  }
};

/// Splits a text of server-sent events.
inline void append_events(std::string_view text,
                          std::vector<std::string>& out) {
  for (std::size_t i = 0; i < text.size();) {
    auto end = text.find("\n\n", i);
    EXPECT_EQ(text.substr(i, 6), "data: ");
    ASSERT_NE(end, std::string::npos);
    out.emplace_back(text.substr(i + 6, end - i - 6));
    i = end + 2;
  }
}

/// Runs the handlers of a spec without a server; a function plays the models.
class stage {
public:
  /// What a model answers to a document: items, then the whole answer.
  struct part {
    std::vector<payload> items = {};
    payload whole = {};
  };

  explicit stage(openai_options options = fixed_options())
    : spec_(std::move(options)) {
    // nop
  }

  std::function<part(const json&)> model = [](const json&) { return part{}; };

  /// The documents that the model got, in the order of the calls.
  std::vector<json> documents;
  /// The names of the models that were called.
  std::vector<std::string> called;

  seen post(const std::string& pattern, const std::string& body) {
    request req;
    req.headers.add("Content-Type", "application/json");
    req.body = body;
    // Bounds of its own are tested.
    req.max_json_memory = std::size_t{1} << 30U;
    return run(pattern, req);
  }

  seen post(const std::string& pattern, const json& body) {
    return post(pattern, body.dump());
  }

  seen chat(const json& body) {
    return post("/v1/chat/completions", body);
  }

  seen get(const std::string& pattern, const std::string& id = {}) {
    request req;
    req.method = method::get;
    req.params = {{"id", id}};
    return run(pattern, req);
  }

  seen run(const std::string& pattern, const request& req) {
    try {
      for (const auto& r : spec_.routes())
        if (r.endpoint.pattern == pattern)
          return play(r.handler, req);
      ADD_FAILURE() << "no " << pattern;
    } catch (const std::runtime_error&) {
      return failed();
    }
    return {};
  }

private:
  /// Renders the exception in flight.
  static seen failed() {
    std::string log;
    try {
      throw;
    } catch (...) {
      auto answer = openai::render_error(failure_from_current_exception(log));
      if (!log.empty())
        (*answer.body.json())["log"] = log;
      return {answer.status, *answer.body.json(), {}};
    }
  }

  seen play(const handler& h, const request& req) {
    auto ex = make_sink<recording_exchange>();
    context ctx{*ex};
    auto result = h(req, ctx);
    ex->finish();
    if (auto* answer = result.answer())
      return {answer->status, *answer->body.json(), {}};
    auto& orders = *result.calls();
    seen all;
    std::vector<reply> answers;
    for (auto& call : orders.calls) {
      called.push_back(call.model);
      documents.push_back(*call.document);
      auto x = model(*call.document);
      for (auto& item : x.items) {
        if (auto events = call.encoder->events(item))
          append_events(*events, all.events);
        else
          take(call.encoder->item(std::move(item)), all);
      }
      reply answer{200, {}, std::move(x.whole)};
      take(call.encoder->last_item(answer), all);
      answers.push_back(call.encoder->finish(std::move(answer)));
    }
    auto answer = orders.join(std::move(answers));
    all.status = answer.status;
    if (orders.calls.front().events)
      take(std::move(answer.body), all);
    else
      all.body = *answer.body.json();
    return all;
  }

  static void take(std::optional<payload> x, seen& out) {
    if (!x)
      return;
    if (const auto* document = x->json())
      out.events.push_back(document->dump());
    else
      append_events(x->raw()->data, out.events);
  }

  openai_spec spec_;
};

/// A model that yields these.
inline std::function<stage::part(const json&)> yields(std::vector<json> items) {
  return [items = std::move(items)](const json&) {
    stage::part result;
    for (const auto& x : items)
      result.items.emplace_back(x);
    return result;
  };
}

/// A model that answers this at once.
inline std::function<stage::part(const json&)> answers(json whole) {
  return [whole = std::move(whole)](const json&) {
    return stage::part{{}, payload{whole}};
  };
}

inline json hello() {
  return {{"model", "m"},
          {"messages", {{{"role", "user"}, {"content", "hello"}}}}};
}

/// `hello` with more fields.
inline json hello(const json& more) {
  auto result = hello();
  result.update(more);
  return result;
}

} // namespace troupe::openai
