#include "troupe/models/llama/llama_engine.hpp"

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/llama/llama_memory.hpp"
#include "troupe/specs/system/memory.hpp"

#include <algorithm>
#include <ggml-backend.h>
#include <llama.h>

namespace troupe {

namespace {

bool has_gpu() noexcept {
  return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_GPU) != nullptr;
}

llama_context_params params_of(const llama_engine_options& options) {
  auto result = llama_context_default_params();
  auto count = [](std::int32_t x) { return static_cast<std::uint32_t>(x); };
  result.n_seq_max = count(options.sequences);
  result.n_ctx = count(options.sequences) * count(options.context);
  result.n_batch = count(options.batch_tokens);
  result.n_ubatch = count(std::min(options.batch_tokens, max_llama_ubatch));
  result.n_outputs_max = result.n_seq_max;
  result.n_threads = options.threads;
  result.n_threads_batch = options.threads;
  result.kv_unified = options.shared_cache;
  // On a CPU with AVX-512 it takes 40 % of the rate of 16 sequences of
  // examples/llama: 3,600 tokens/s instead of 5,900.
  if (!has_gpu())
    result.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  result.no_perf = true;
  return result;
}

const char* reason_of(std::int32_t code) noexcept {
  switch (code) {
    case 1:
      return "there is no room for its keys and values";
    case 2:
      return "the run was aborted";
    case -1:
      return "a token is not in the vocabulary";
    default:
      return "the run failed";
  }
}

} // namespace

/// The library's input.
struct llama_engine::batch {
  explicit batch(std::int32_t tokens) : value(llama_batch_init(tokens, 0, 1)) {
    // nop
  }

  ~batch() {
    llama_batch_free(value);
  }

  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  void add(const job& x) {
    for (std::size_t i = 0; i < x.tokens.size(); ++i) {
      auto n = value.n_tokens++;
      value.token[n] = x.tokens[i];
      value.pos[n] = x.position + static_cast<std::int32_t>(i);
      value.n_seq_id[n] = 1;
      value.seq_id[n][0] = x.slot;
      value.logits[n] = x.choose && i + 1 == x.tokens.size() ? 1 : 0;
    }
  }

  llama_batch value;
};

llama_engine::llama_engine(std::shared_ptr<const llama_weights> weights,
                           llama_engine_options options)
  : weights_(std::move(weights)), options_(options) {
  if (auto there = free_memory(); there && !has_gpu())
    expect_room(sizes_of(*weights_), options_, static_cast<double>(*there));
  llama_complaints complaints;
  context_ = llama_init_from_model(weights_->get(), params_of(options_));
  if (context_ == nullptr)
    throw llama_error(complaints.explain(
      "cannot make room for " + std::to_string(options_.sequences)
      + " sequences of " + std::to_string(options_.context) + " tokens"));
  batch_ = std::make_unique<batch>(options_.batch_tokens);
  for (auto i = options_.sequences; i > 0; --i)
    free_.push_back(i - 1);
}

llama_engine::~llama_engine() {
  llama_free(context_);
}

std::optional<llama_engine::slot> llama_engine::open() {
  if (free_.empty())
    return std::nullopt;
  auto number = free_.back();
  free_.pop_back();
  return std::optional<slot>{std::in_place, *this, number};
}

void llama_engine::release(std::int32_t number) noexcept {
  llama_memory_seq_rm(llama_get_memory(context_), number, -1, -1);
  free_.push_back(number);
}

std::int32_t llama_engine::decode(std::span<const job> jobs) {
  batch_->value.n_tokens = 0;
  for (const auto& x : jobs)
    batch_->add(x);
  return llama_decode(context_, batch_->value);
}

void llama_engine::run(std::span<const job> jobs, const on_done& done,
                       const on_failed& failed) {
  if (jobs.empty())
    return;
  if (decode(jobs) == 0) {
    std::int32_t row = -1;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      row += static_cast<std::int32_t>(jobs[i].tokens.size());
      done(i, jobs[i].choose ? row : -1);
    }
    return;
  }
  // Parts of a run that failed may have been kept.
  auto* memory = llama_get_memory(context_);
  for (const auto& x : jobs)
    llama_memory_seq_rm(memory, x.slot, x.position, -1);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& x = jobs[i];
    if (auto code = decode(jobs.subspan(i, 1)); code == 0) {
      done(i, x.choose ? static_cast<std::int32_t>(x.tokens.size()) - 1 : -1);
    } else {
      llama_memory_seq_rm(memory, x.slot, x.position, -1);
      failed(i, llama_error(reason_of(code)));
    }
  }
}

} // namespace troupe
