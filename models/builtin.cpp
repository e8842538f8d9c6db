#include "troupe/models/builtin.hpp"

#include "troupe/models/option_reader.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/model/hook_events.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <thread>

namespace troupe {

namespace {

using nlohmann::json;
using std::chrono::duration;
using std::chrono::steady_clock;

/// Milliseconds with a fraction.
using ms = duration<double, std::milli>;

/// No chaos model holds a worker longer than this.
constexpr double max_ms = 600'000;

template <class Model, class... Ts>
model_definition define(model_options options, const Ts&... xs) {
  return make_model<Model>(std::move(options), xs...);
}

/// Refuses options of an entry that no built-in model supports.
void expect_plain(const model_options& options, const model_config& config,
                  const std::string& type) {
  expect_cpu(options, type);
  expect_no_path(config, type);
}

void read_ms(option_reader& reader, const char* key, double& out) {
  reader.read(key, out);
  if (!(out >= 0 && out <= max_ms))
    reader.refuse(key, "expected milliseconds from 0 to 600000");
}

/// Refuses members of a request that look like misspelt ones. Others are the
/// client's own, e.g. to tell its requests apart.
void expect_fields(const json& body, const std::vector<std::string>& known) {
  if (!body.is_object())
    return;
  for (const auto& [key, value] : body.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()
        || nearest_name(key, known).empty())
      continue;
    auto name = clipped(key);
    validation_error e{"extra_forbidden", unknown_name("field", name, known)};
    e.prepend(name);
    throw e;
  }
}

/// Reads a number of milliseconds that a request may override.
void override_ms(const json& body, const char* key, double& out) {
  if (!body.is_object() || !read_field_if(body, key, out))
    return;
  if (out >= 0 && out <= max_ms)
    return;
  validation_error e{"value_error", "expected milliseconds from 0 to 600000"};
  e.prepend(key);
  throw e;
}

// -- echo ---------------------------------------------------------------------

/// Answers what it was given: JSON as JSON, raw bytes as raw bytes.
struct echo_model {
  reply predict(request& req) {
    // The bytes are not copied: nobody needs them after this.
    if (req.document == nullptr
        && req.content_type() == "application/octet-stream")
      return {
        200, {}, payload{std::move(req.body), "application/octet-stream"}};
    return json_reply(req.json());
  }
};

// -- square -------------------------------------------------------------------

struct square_in {
  double input = 0;
};
TROUPE_FIELDS(square_in, input)

struct square_out {
  double output = 0;
};
TROUPE_FIELDS(square_out, output)

struct square_model {
  square_out predict(const square_in& x) {
    return {x.input * x.input};
  }
};

// -- sleep --------------------------------------------------------------------

struct sleep_options {
  double base_ms = 0;
  double per_item_ms = 0;
  bool spin = false;
};

/// A batch of n takes `base_ms + per_item_ms * n`.
class sleep_model {
public:
  explicit sleep_model(sleep_options options) : options_(options) {
    // nop
  }

  void setup(const worker_slot& slot) {
    worker_ = slot.index;
  }

  double decode_request(const json& body) {
    expect_fields(body, {"base_ms"});
    auto base = options_.base_ms;
    override_ms(body, "base_ms", base);
    return base;
  }

  std::vector<json> predict(std::span<const double> base_ms) {
    auto base = *std::max_element(base_ms.begin(), base_ms.end());
    auto n = static_cast<double>(base_ms.size());
    auto end = steady_clock::now() + ms{base + options_.per_item_ms * n};
    if (options_.spin) {
      while (steady_clock::now() < end) {
        // burn
      }
    } else {
      std::this_thread::sleep_until(end);
    }
    json answer{{"batch_size", base_ms.size()}, {"worker", worker_}};
    return std::vector<json>(base_ms.size(), answer);
  }

private:
  sleep_options options_;
  std::uint32_t worker_ = 0;
};

// -- stream -------------------------------------------------------------------

struct stream_options {
  std::uint64_t count = 10;
  double interval_ms = 0;
};

class stream_model {
public:
  explicit stream_model(stream_options options) : options_(options) {
    // nop
  }

  stream_options decode_request(const json& body) {
    expect_fields(body, {"count", "interval_ms"});
    auto result = options_;
    if (body.is_object())
      read_field_if(body, "count", result.count);
    override_ms(body, "interval_ms", result.interval_ms);
    return result;
  }

  void predict(const stream_options& x, stream<json>& out) {
    auto next = steady_clock::now();
    for (std::uint64_t i = 0; i < x.count; ++i) {
      if (x.interval_ms > 0 && i > 0) {
        next +=
          std::chrono::duration_cast<steady_clock::duration>(ms{x.interval_ms});
        std::this_thread::sleep_until(next);
      }
      if (!out.write(json{{"index", i}}))
        return;
    }
  }

private:
  stream_options options_;
};

// -- fault --------------------------------------------------------------------

/// The members of a request that asks for a mode, or for items.
std::vector<std::string> fault_fields(const std::string& mode) {
  std::vector<std::string> result{"mode", "after_items"};
  if (mode == "status")
    result.emplace_back("status");
  if (mode == "hang")
    result.emplace_back("forever");
  return result;
}

/// Fails as the request says; else echoes. `after_items` streams that many
/// items first.
class fault_model final : public model {
public:
  void setup(const worker_slot& slot) override {
    slot_ = slot;
    observed(slot_, {}, &callback::on_before_setup, &callback::on_after_setup,
             [] {});
  }

  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch) {
      try {
        process_one(*ex);
      } catch (const worker_fatal&) {
        throw;
      } catch (...) {
        std::string text;
        auto why = failure_from_current_exception(text);
        if (!text.empty())
          slot_.log(log_level::error, ex->log_name() + ": " + text);
        ex->fail(std::move(why));
      }
    }
  }

private:
  void process_one(exchange& ex) const {
    const std::array<const request*, 1> requests{&ex.request};
    auto body = observed(slot_, requests, &callback::on_before_decode_request,
                         &callback::on_after_decode_request,
                         [&] { return ex.request.json(); });
    auto ended =
      observed(slot_, requests, &callback::on_before_predict,
               &callback::on_after_predict, [&] { return predict(ex, body); });
    if (ended)
      return;
    ex.finish(observed(slot_, requests, &callback::on_before_encode_response,
                       &callback::on_after_encode_response,
                       [&] { return json_reply(std::move(body)); }));
  }

  /// @returns whether the exchange needs no answer any more.
  bool predict(exchange& ex, const json& body) const {
    context ctx{ex, &slot_};
    std::string mode;
    std::uint64_t after_items = 0;
    if (body.is_object()) {
      read_field_if(body, "mode", mode);
      read_field_if(body, "after_items", after_items);
      if (!mode.empty() || after_items > 0)
        expect_fields(body, fault_fields(mode));
    }
    for (std::uint64_t i = 0; i < after_items; ++i)
      if (ex.write(json{{"index", i}}) == flow::cancelled)
        return true;
    if (!mode.empty())
      fail(mode, body, ctx);
    if (after_items > 0)
      ex.finish();
    return after_items > 0;
  }

  static void fail(const std::string& mode, const json& body, context& ctx) {
    if (mode == "throw")
      throw std::runtime_error("fault: asked to throw");
    if (mode == "status") {
      int status = 500;
      read_field_if(body, "status", status);
      throw http_error(status,
                       "fault: asked for status " + std::to_string(status),
                       {{"X-Fault", "status"}});
    }
    if (mode == "hang") {
      bool forever = false;
      read_field_if(body, "forever", forever);
      while (forever || !ctx.cancelled())
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      return;
    }
    if (mode == "exit")
      throw worker_fatal("fault: asked to exit");
    if (mode == "segv") {
      std::raise(SIGSEGV);
      return;
    }
    validation_error e{"value_error",
                       "expected throw, status, hang, exit or segv"};
    e.prepend("mode");
    throw e;
  }

  worker_slot slot_;
};

} // namespace

model_definition make_echo(model_options options, const model_config& config) {
  expect_plain(options, config, "echo");
  option_reader{config.options}.done();
  return define<echo_model>(std::move(options));
}

model_definition make_square(model_options options,
                             const model_config& config) {
  expect_plain(options, config, "square");
  option_reader{config.options}.done();
  return define<square_model>(std::move(options));
}

model_definition make_sleep(model_options options, const model_config& config) {
  expect_plain(options, config, "sleep");
  sleep_options x;
  option_reader reader{config.options};
  read_ms(reader, "base_ms", x.base_ms);
  read_ms(reader, "per_item_ms", x.per_item_ms);
  reader.read("spin", x.spin).done();
  return define<sleep_model>(std::move(options), x);
}

model_definition make_stream(model_options options,
                             const model_config& config) {
  expect_plain(options, config, "stream");
  stream_options x;
  option_reader reader{config.options};
  reader.read("count", x.count);
  read_ms(reader, "interval_ms", x.interval_ms);
  reader.done();
  return define<stream_model>(std::move(options), x);
}

model_definition make_fault(model_options options, const model_config& config) {
  expect_plain(options, config, "fault");
  option_reader{config.options}.done();
  model_definition result;
  result.options = std::move(options);
  result.streaming = true;
  result.whole_answers = true;
  result.make = [](const worker_slot&) {
    return std::make_unique<fault_model>();
  };
  return result;
}

void add_builtin_models(model_registry& registry) {
  registry.add("echo", make_echo);
  registry.add("square", make_square);
  registry.add("sleep", make_sleep);
  registry.add("stream", make_stream);
  registry.add("fault", make_fault);
}

} // namespace troupe
