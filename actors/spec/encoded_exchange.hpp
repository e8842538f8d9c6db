#pragma once

#include "troupe/actors/spec/call_join.hpp"
#include "troupe/specs/exchange/inner_exchange.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace troupe {

/// The exchange of one call that a spec ordered: what the model answers goes
/// through the encoder to the client's exchange, which this one keeps alive.
class encoded_exchange : public inner_exchange {
public:
  /// @param index which of the calls of `to` this is
  /// @param recover as `model_call::recover`
  encoded_exchange(std::shared_ptr<call_join> to, std::size_t index,
                   std::shared_ptr<reply_encoder> encoder,
                   std::function<std::optional<reply>(const failure&)> recover);

  // The client's exchange has to know how far this one is.

  void start(deadline_clock::time_point now) noexcept override;
  void touch(deadline_clock::time_point now) noexcept override;

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  /// Runs a part of the spec after the end; what it throws fails the call, not
  /// the worker.
  template <class F, class R>
  R guarded(F&& f, R otherwise);
  /// The call has failed and ended: the request fails too, or recovers.
  void give_up(failure why);

  std::shared_ptr<call_join> join_;
  std::size_t index_;
  std::shared_ptr<reply_encoder> encoder_;
  std::function<std::optional<reply>(const failure&)> recover_;
};

} // namespace troupe
