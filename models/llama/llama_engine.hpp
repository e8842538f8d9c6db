#pragma once

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/llama/llama_weights.hpp"

#include <functional>
#include <optional>
#include <utility>

struct llama_context;

namespace troupe {

/// The library computes at most this many tokens at once; more take more memory
/// and are hardly faster.
constexpr std::int32_t max_llama_ubatch = 512;

struct llama_engine_options {
  /// How many sequences are open at once.
  std::int32_t sequences = 16;
  /// Tokens of one sequence, prompt and answer; at least 2.
  std::int32_t context = 2048;
  /// Tokens that go through the model in one run; at least `sequences`.
  std::int32_t batch_tokens = 512;
  std::int32_t threads = 1;
  /// One cache of keys and values for all sequences, so that attention is one
  /// multiplication. Each has its share all the same. Without, attention is
  /// done for each sequence by itself, over its own keys only.
  bool shared_cache = true;
};

/// Runs sequences of tokens through a model, many at once, and keeps their
/// keys and values. Used by one thread at a time.
class llama_engine {
public:
  /// A place for one sequence. What was kept for it is freed with it.
  class slot {
  public:
    slot(llama_engine& owner, std::int32_t number)
      : owner_(&owner), number_(number) {
      // nop
    }

    slot(slot&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), number_(other.number_) {
      // nop
    }

    slot& operator=(slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(number_, other.number_);
      return *this;
    }

    ~slot() {
      if (owner_ != nullptr)
        owner_->release(number_);
    }

    [[nodiscard]] std::int32_t number() const noexcept {
      return number_;
    }

  private:
    llama_engine* owner_;
    std::int32_t number_;
  };

  /// The next tokens of one sequence.
  struct job {
    std::int32_t slot;
    /// How many tokens of it went through before.
    std::int32_t position;
    /// At least one; valid during `run`.
    std::span<const llama_token_id> tokens;
    /// Whether to choose a token after the last one.
    bool choose;
  };

  /// Called for a job that went through, with its index and the row that a
  /// sampler chooses from (-1 when that was not wanted). The row is valid
  /// during the call.
  using on_done = std::function<void(std::size_t, std::int32_t)>;

  /// Called for a job that failed. Its sequence is as it was before.
  using on_failed = std::function<void(std::size_t, const llama_error&)>;

  /// Without a GPU, looks first whether the machine has the memory: Linux
  /// promises more than there is, and ends the process later.
  /// @throws llama_error
  llama_engine(std::shared_ptr<const llama_weights> weights,
               llama_engine_options options);

  ~llama_engine();

  llama_engine(const llama_engine&) = delete;
  llama_engine& operator=(const llama_engine&) = delete;

  /// @returns a place, unless all are taken. The engine outlives it.
  std::optional<slot> open();

  /// How many places are taken.
  [[nodiscard]] std::size_t taken() const noexcept {
    return static_cast<std::size_t>(options_.sequences) - free_.size();
  }

  /// Takes all jobs through the model in one run. When that does not work,
  /// takes each through alone, so that only the faulty ones fail.
  /// @pre at most one job for each slot, at most `batch_tokens` tokens
  void run(std::span<const job> jobs, const on_done& done,
           const on_failed& failed);

  [[nodiscard]] const llama_engine_options& options() const noexcept {
    return options_;
  }

  /// The library's own; valid while this lives.
  [[nodiscard]] ::llama_context* get() const noexcept {
    return context_;
  }

private:
  struct batch;

  void release(std::int32_t number) noexcept;

  /// @returns what the library returns: 0 is success.
  std::int32_t decode(std::span<const job> jobs);

  std::shared_ptr<const llama_weights> weights_;
  llama_engine_options options_;
  ::llama_context* context_;
  std::unique_ptr<batch> batch_;
  /// Numbers of places; the last is given next.
  std::vector<std::int32_t> free_;
};

} // namespace troupe
