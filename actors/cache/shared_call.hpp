#pragma once

#include "troupe/actors/cache/response_cache.hpp"
#include "troupe/specs/exchange/exchange.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// One call of a model for requests that are equal. Each of them has its own
/// time and may leave; the call is cancelled when none is left.
class shared_call : public exchange {
public:
  shared_call(std::shared_ptr<response_cache> owner, std::string key,
              std::vector<exchange_ptr> all);

  // What is known of the call is known of each request that waits for it. Only
  // the call is counted as one of the model.

  /// How many requests wait for it.
  /// @pre the owner's mutex is held
  [[nodiscard]] std::size_t size() const noexcept {
    return all_.size();
  }

  /// Lets a request wait for the answer.
  /// @returns whether the model has begun
  /// @pre the owner knows it, and the owner's mutex is held
  bool join(exchange_ptr ex, deadline_clock::time_point now);

  [[nodiscard]] const std::string& key() const noexcept {
    return key_;
  }

  /// Gives the requests back, and ends without an answer.
  /// @pre nobody else has it
  std::vector<exchange_ptr> dissolve();

  void start(deadline_clock::time_point now) noexcept override;
  void touch(deadline_clock::time_point now) noexcept override;
  [[nodiscard]] bool congested() const noexcept override;
  [[nodiscard]] bool takes_json_text() const noexcept override {
    return true;
  }
  bool end_if_too_slow() override;
  [[nodiscard]] bool cancelled() const noexcept override;

protected:
  flow do_write(payload item) override;
  void do_finish(reply answer) override;
  void do_fail(failure why) override;

private:
  /// Lets nobody join any more. @returns those that wait
  std::vector<exchange_ptr> close();
  /// The same. @pre the owner's mutex is held
  std::vector<exchange_ptr> close_locked() noexcept;
  /// Gives a request its failure.
  void fail_one(exchange& ex, failure why) const;
  /// Gives all of them the answer, and keeps it if that is allowed.
  void share(std::vector<exchange_ptr> all, reply answer);
  /// The one that began the call gets its failure, others try for themselves.
  template <class F>
  void first_only(std::vector<exchange_ptr> all, F give);
  /// The only reader of a stream, from its first item on.
  [[nodiscard]] exchange_ptr reader() const;
  exchange_ptr become_stream();

  std::shared_ptr<response_cache> owner_;
  std::string key_;
  // -- guarded by the owner's mutex -------------------------------------------
  std::vector<exchange_ptr> all_;
  /// Set when it is first seen that nobody waits any more: from then on the
  /// model may end early, and its answer goes to nobody.
  mutable bool open_ = true;
  mutable bool abandoned_ = false;
  bool started_ = false;
  exchange_ptr reader_;
};

} // namespace troupe
