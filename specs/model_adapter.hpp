#pragma once

#include "troupe/specs/hooks.hpp"
#include "troupe/specs/json.hpp"
#include "troupe/specs/model.hpp"
#include "troupe/specs/validation.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Puts a user's plain class behind the `model` contract. Only `predict` is
/// required:
/// @code
/// struct square_model {
///   void setup(const std::string& device);              // optional
///   double decode_request(const nlohmann::json& body);  // optional
///   double predict(double x);
///   nlohmann::json encode_response(double y);           // optional
/// };
/// @endcode
/// The form of `predict` selects the loop:
/// - `Out predict(const In&)`: one item;
/// - `std::vector<Out> predict(std::span<const In>)`: a batch;
/// - `void predict(const In&, stream<Out>&)`: a stream of items.
/// A trailing `context&` is optional on `decode_request`, on `predict` (but
/// for a batch) and on `encode_response`.
/// Without `decode_request` an item comes from the JSON body by `from_json`;
/// without `encode_response` the output goes out by `to_json`. `request` as an
/// item is the raw request; `reply` and `payload` as an output go out as they
/// are.
template <class Model>
class model_adapter final : public model {
  static_assert(hooks::has_predict<Model>,
                "a model needs one predict, neither overloaded nor a "
                "template, e.g.  double predict(double x);");

public:
  using in = hooks::item_in_t<Model>;
  using out = hooks::item_out_t<Model>;
  using signature = hooks::predict_signature<Model>;

  static_assert(!std::is_void_v<out>,
                "predict returns what it made, e.g.  double predict(double "
                "x);  or streams, e.g.  void predict(double x, "
                "troupe::stream<double>& out);");

  template <class... Ts>
  explicit model_adapter(const worker_slot& slot, const Ts&... xs)
    : log_(slot.log), worker_(slot.index), model_(xs...) {
    // nop
  }

  void setup(const worker_slot& slot) override {
    if constexpr (hooks::sets_up_for_slot<Model>)
      model_.setup(slot);
    else if constexpr (hooks::sets_up_for_device<Model>)
      model_.setup(slot.device);
    else if constexpr (hooks::sets_up<Model>)
      model_.setup();
  }

  void process(std::span<const exchange_ptr> batch) override {
    if constexpr (hooks::is_batched<Model>)
      process_together(batch);
    else
      for (const auto& ex : batch)
        guarded(*ex, [&] { process_one(*ex); });
  }

  bool healthy() override {
    if constexpr (hooks::has_health<Model>)
      return model_.health();
    else
      return true;
  }

private:
  /// Runs `f`; what it throws becomes the exchange's answer.
  template <class F>
  bool guarded(exchange& ex, F&& f) {
    try {
      f();
      return true;
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log_(log_level::error, "request " + ex.request_id + ": " + text);
      ex.fail(std::move(why));
      return false;
    }
  }

  /// What nlohmann throws while an item is decoded is the client's fault: 422.
  in decode(exchange& ex, context& ctx) {
    try {
      return decode_item(ex, ctx);
    } catch (const nlohmann::json::exception& e) {
      throw from_nlohmann(e);
    }
  }

  in decode_item(exchange& ex, [[maybe_unused]] context& ctx) {
    if constexpr (hooks::has_decode<Model>) {
      using sig = hooks::signature<decltype(&Model::decode_request)>;
      using arg = hooks::arg_t<sig, 0>;
      auto call = [&](const arg& x) -> in {
        if constexpr (hooks::takes_context<sig>)
          return model_.decode_request(x, ctx);
        else
          return model_.decode_request(x);
      };
      if constexpr (std::is_same_v<arg, request>)
        return call(ex.request);
      else
        return call(from_body<arg>(ex.request));
    } else if constexpr (std::is_same_v<in, request>) {
      return ex.request;
    } else {
      return from_body<in>(ex.request);
    }
  }

  template <class T>
  static T from_body(const request& req) {
    if constexpr (std::is_same_v<T, nlohmann::json>) {
      return req.json();
    } else {
      T result{};
      if (req.document != nullptr)
        read_value(*req.document, result);
      else
        read_value(parse_json(req.body), result);
      return result;
    }
  }

  template <class T>
  static payload to_payload(T&& x) {
    using type = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<type, payload>)
      return std::forward<T>(x);
    else
      return payload(nlohmann::json(std::forward<T>(x)));
  }

  template <class T>
  static reply to_reply(T&& x) {
    using type = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<type, reply>)
      return std::forward<T>(x);
    else
      return reply{200, {}, to_payload(std::forward<T>(x))};
  }

  decltype(auto) encode(out&& x, [[maybe_unused]] context& ctx) {
    if constexpr (hooks::has_encode<Model>) {
      using sig = hooks::signature<decltype(&Model::encode_response)>;
      if constexpr (hooks::takes_context<sig>)
        return model_.encode_response(x, ctx);
      else
        return model_.encode_response(x);
    } else {
      return out(std::move(x));
    }
  }

  void process_one(exchange& ex) {
    context ctx{ex, worker_};
    auto item = decode(ex, ctx);
    if constexpr (hooks::is_streaming<Model>) {
      stream<out> sink{
        ex, [&](out x) { return to_payload(encode(std::move(x), ctx)); }};
      if constexpr (hooks::takes_context<signature>)
        model_.predict(item, sink, ctx);
      else
        model_.predict(item, sink);
      ex.finish();
    } else {
      if constexpr (hooks::takes_context<signature>)
        ex.finish(to_reply(encode(model_.predict(item, ctx), ctx)));
      else
        ex.finish(to_reply(encode(model_.predict(item), ctx)));
    }
  }

  /// One item's decode or encode error is its own; what `predict` throws is
  /// everybody's.
  void process_together(
    std::span<const exchange_ptr> batch) requires hooks::is_batched<Model> {
    std::vector<exchange*> members;
    std::vector<in> items;
    members.reserve(batch.size());
    items.reserve(batch.size());
    for (const auto& ex : batch)
      guarded(*ex, [&] {
        context ctx{*ex, worker_};
        items.push_back(decode(*ex, ctx));
        members.push_back(ex.get());
      });
    if (members.empty())
      return;
    std::vector<out> results;
    try {
      results = model_.predict(std::span<const in>{items});
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      std::string text;
      auto why = failure_from_current_exception(text);
      if (!text.empty())
        log_(log_level::error, "batch of " + std::to_string(members.size())
                                 + " requests: " + text);
      for (auto* ex : members)
        ex->fail(why);
      return;
    }
    if (results.size() != members.size()) {
      log_(log_level::error, "predict made " + std::to_string(results.size())
                               + " outputs of " + std::to_string(members.size())
                               + " items");
      for (auto* ex : members)
        ex->fail(make_failure(errc::internal, "Batch size mismatch"));
      return;
    }
    for (std::size_t i = 0; i < members.size(); ++i)
      guarded(*members[i], [&] {
        context ctx{*members[i], worker_};
        members[i]->finish(to_reply(encode(std::move(results[i]), ctx)));
      });
  }

  log_sink log_;
  std::uint32_t worker_;
  Model model_;
};

/// Makes a definition that serves a user's class. Each worker gets an instance
/// of its own, made of copies of `xs`; what instances share goes in as a
/// `shared_ptr`.
template <class Model, class... Ts>
model_definition make_model(model_options options, const Ts&... xs) {
  model_definition result;
  result.options = std::move(options);
  result.batched = hooks::is_batched<Model>;
  result.streaming = hooks::is_streaming<Model>;
  result.make = [xs...](const worker_slot& slot) -> std::unique_ptr<model> {
    return std::make_unique<model_adapter<Model>>(slot, xs...);
  };
  return result;
}

} // namespace troupe
