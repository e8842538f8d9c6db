#pragma once

#include "troupe/specs/input/body.hpp"
#include "troupe/specs/input/written_value.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/model/hook_events.hpp"
#include "troupe/specs/model/hooks/hook_traits.hpp"
#include "troupe/specs/model/model.hpp"

#include <array>
#include <exception>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

/// What all loops share: calls a user's hooks with what they ask for, tells
/// the callbacks, and turns what a hook throws into the request's answer.
/// Used by one thread at a time.
template <class Model>
class hook_runner : public model {
public:
  using in = hooks::item_in_t<Model>;
  using out = hooks::item_out_t<Model>;

  template <class... Ts>
  explicit hook_runner(const worker_slot& slot, const Ts&... xs)
    : slot_(slot), model_(xs...) {
    // nop
  }

  void setup(const worker_slot& slot) override {
    slot_ = slot;
    observed({}, &callback::on_before_setup, &callback::on_after_setup, [&] {
      if constexpr (hooks::sets_up_for_slot<Model>)
        model_.setup(slot);
      else if constexpr (hooks::sets_up_for_device<Model>)
        model_.setup(slot.device);
      else if constexpr (hooks::sets_up<Model>)
        model_.setup();
    });
  }

  void warmup() override {
    if constexpr (hooks::has_warmup<Model>)
      model_.warmup();
  }

  bool healthy() override {
    if constexpr (hooks::has_health<Model>)
      return model_.health();
    else
      return true;
  }

protected:
  /// Calls a hook between two events.
  template <class F>
  decltype(auto) observed(std::span<const request* const> requests,
                          hook_event before, hook_event after, F&& f) {
    return troupe::observed(slot_, requests, before, after, std::forward<F>(f));
  }

  /// Fails the exchange with what was thrown; what the client may not see goes
  /// to the log.
  void fail(exchange& ex, const std::exception_ptr& why) {
    std::string text;
    auto x = to_failure(why, text);
    if (!text.empty())
      log_error(ex.log_name() + ": " + text);
    ex.fail(std::move(x));
  }

  /// Runs `f`; what it throws becomes the exchange's answer.
  /// @throws worker_fatal
  template <class F>
  bool guarded(exchange& ex, F&& f) {
    try {
      f();
      return true;
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      fail(ex, std::current_exception());
      return false;
    }
  }

  /// Ends an exchange that nobody waits for any more, so that no hook runs for
  /// it. Reads no clock: whoever watches the limits cancels an exchange that
  /// has passed one.
  /// @returns whether it has ended.
  static bool unwanted(exchange& ex) {
    if (!ex.ended() && ex.cancelled())
      ex.fail(make_failure(errc::cancelled));
    return ex.ended();
  }

  static failure to_failure(const std::exception_ptr& why, std::string& text) {
    try {
      std::rethrow_exception(why);
    } catch (...) {
      return failure_from_current_exception(text);
    }
  }

  void log_error(const std::string& text) const {
    slot_.log(log_level::error, text);
  }

  /// What decoding yields: the input, or, for a model that takes the request as
  /// it came, that request itself and no copy.
  using decoded = std::conditional_t<
    std::is_same_v<in, request> && !hooks::has_decode_request<Model>, request&,
    in>;

  /// Asks `authorize`, then decodes. What nlohmann throws meanwhile is the
  /// client's fault: 422.
  decoded decode(exchange& ex, context& ctx) {
    authorize(ex, ctx);
    const std::array<const request*, 1> requests{&ex.request};
    return observed(requests, &callback::on_before_decode_request,
                    &callback::on_after_decode_request, [&]() -> decoded {
                      try {
                        return decode_item(ex, ctx);
                      } catch (const nlohmann::json::exception& e) {
                        throw from_nlohmann(e);
                      }
                    });
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

  /// JSON that can be written, or bytes.
  static void check(const payload& x) {
    if (const auto* document = x.json())
      expect_finite(*document);
  }

  /// One item of a stream.
  /// @throws std::domain_error for a number that JSON cannot write
  payload item_of(exchange& ex, out&& x) {
    auto result = to_reply(encode(ex, std::move(x))).body;
    check(result);
    return result;
  }

  /// The whole answer.
  /// @throws std::domain_error for a number that JSON cannot write
  reply reply_of(exchange& ex, out&& x) {
    using encoded = std::remove_cvref_t<decltype(encode(ex, std::move(x)))>;
    if constexpr (written_value<encoded>) {
      if (ex.takes_json_text() && !ex.begun()) {
        payload::json_text written;
        write_json(written.text, encode(ex, std::move(x)));
        return {200, {}, std::move(written)};
      }
    }
    auto result = to_reply(encode(ex, std::move(x)));
    check(result.body);
    return result;
  }

  [[nodiscard]] Model& user() noexcept {
    return model_;
  }

  [[nodiscard]] const worker_slot& slot() const noexcept {
    return slot_;
  }

  /// Calls one of the user's functions with the context, if it takes one.
  template <class Signature, class F, class... Ts>
  static decltype(auto) with_context(F&& f, context& ctx, Ts&&... xs) {
    if constexpr (hooks::takes_context<Signature>)
      return f(std::forward<Ts>(xs)..., ctx);
    else
      return f(std::forward<Ts>(xs)...);
  }

private:
  void authorize([[maybe_unused]] exchange& ex, [[maybe_unused]] context& ctx) {
    if constexpr (hooks::has_authorize<
                    Model> && !hooks::authorizes_early<Model>) {
      using sig = hooks::signature<decltype(&Model::authorize)>;
      auto call = [&](auto&... xs) { return model_.authorize(xs...); };
      if constexpr (std::is_same_v<typename sig::result, bool>) {
        if (!with_context<sig>(call, ctx, ex.request))
          throw http_error(401, "Not authenticated");
      } else {
        with_context<sig>(call, ctx, ex.request);
      }
    }
  }

  decoded decode_item(exchange& ex, [[maybe_unused]] context& ctx) {
    if constexpr (hooks::has_decode_request<Model>) {
      using sig = hooks::signature<decltype(&Model::decode_request)>;
      using arg = hooks::arg_t<sig, 0>;
      auto call = [&](auto&&... xs) -> in {
        return model_.decode_request(std::forward<decltype(xs)>(xs)...);
      };
      if constexpr (std::is_same_v<arg, request>)
        return with_context<sig>(call, ctx, ex.request);
      else
        return with_context<sig>(call, ctx, read_body<arg>(ex.request));
    } else if constexpr (std::is_same_v<in, request>) {
      return ex.request;
    } else {
      return read_body<in>(ex.request);
    }
  }

  decltype(auto) encode(exchange& ex, out&& x) {
    if (ex.facts.in_detail)
      ex.facts.predicted(deadline_clock::now());
    const std::array<const request*, 1> requests{&ex.request};
    return observed(requests, &callback::on_before_encode_response,
                    &callback::on_after_encode_response, [&] {
                      if constexpr (hooks::has_encode_response<Model>) {
                        using sig =
                          hooks::signature<decltype(&Model::encode_response)>;
                        context ctx{ex, &slot_};
                        if constexpr (hooks::takes_context<sig>)
                          return model_.encode_response(std::move(x), ctx);
                        else
                          return model_.encode_response(std::move(x));
                      } else {
                        return out(std::move(x));
                      }
                    });
  }

  worker_slot slot_;
  Model model_;
};

} // namespace troupe
