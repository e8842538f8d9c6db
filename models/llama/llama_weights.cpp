#include "troupe/models/llama/llama_weights.hpp"

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/llama/llama_text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <llama.h>

namespace troupe {

// -- weights ------------------------------------------------------------------

llama_weights::llama_weights(const std::filesystem::path& file) {
  start_llama_library();
  llama_complaints complaints;
  model_ =
    llama_model_load_from_file(file.c_str(), llama_model_default_params());
  if (model_ == nullptr)
    throw llama_error(complaints.explain("cannot load " + file.string()));
  vocab_ = llama_model_get_vocab(model_);
  if (llama_model_has_encoder(model_) || !llama_model_has_decoder(model_)
      || llama_vocab_n_tokens(vocab_) == 0) {
    llama_model_free(model_);
    throw llama_error(file.string() + " is no model that continues a text");
  }
  for (llama_token_id i = 0; i < vocabulary_size(); ++i) {
    if (llama_vocab_is_eog(vocab_, i))
      ends_.push_back(i);
    longest_piece_ = std::max(
      longest_piece_, std::string_view{llama_vocab_get_text(vocab_, i)}.size());
  }
}

llama_weights::~llama_weights() {
  llama_model_free(model_);
}

std::int32_t llama_weights::trained_context() const noexcept {
  return llama_model_n_ctx_train(model_);
}

std::int32_t llama_weights::vocabulary_size() const noexcept {
  return llama_vocab_n_tokens(vocab_);
}

void llama_weights::append_tokens(std::string_view text, bool around,
                                  std::vector<llama_token_id>& out) const {
  auto before = out.size();
  auto run = [&](std::size_t room) {
    out.resize(before + room);
    return llama_tokenize(
      vocab_, text.data(), static_cast<std::int32_t>(text.size()),
      out.data() + before, static_cast<std::int32_t>(room), around, true);
  };
  // Room for one token for each byte and those around it; else the library
  // says how much it needs.
  auto n = run(text.size() + 2);
  if (n < 0 && n != std::numeric_limits<std::int32_t>::min())
    n = run(static_cast<std::size_t>(-n));
  if (n < 0)
    throw llama_error("the text cannot be split into tokens");
  out.resize(before + static_cast<std::size_t>(n));
}

std::vector<llama_token_id>
llama_weights::tokenize(std::string_view text) const {
  if (text.size() > std::numeric_limits<std::int32_t>::max())
    throw llama_error("a text of 2 GiB");
  // With 400 bytes of stack for each, 3 of the usual 8 MiB.
  constexpr std::size_t most = 8192;
  std::vector<llama_token_id> result;
  auto begin = llama_vocab_bos(vocab_);
  if (llama_vocab_type(vocab_) != LLAMA_VOCAB_TYPE_BPE || text.size() <= most) {
    append_tokens(text, true, result);
  } else {
    if (llama_vocab_get_add_bos(vocab_))
      result.push_back(begin);
    for (auto part : split_text(text, most))
      append_tokens(part, false, result);
    if (llama_vocab_get_add_eos(vocab_))
      result.push_back(llama_vocab_eos(vocab_));
  }
  if (result.empty() && begin >= 0)
    result.push_back(begin);
  return result;
}

std::size_t llama_weights::least_tokens(std::string_view text) const noexcept {
  return text.size() / longest_piece_;
}

void llama_weights::append_piece(llama_token_id token, std::string& out) const {
  constexpr std::int32_t usual = 64;
  auto before = out.size();
  auto run = [&](std::int32_t room) {
    out.resize(before + static_cast<std::size_t>(room));
    return llama_token_to_piece(vocab_, token, out.data() + before, room, 0,
                                false);
  };
  auto n = run(usual);
  if (n < 0)
    n = run(-n);
  out.resize(before + static_cast<std::size_t>(std::max(n, 0)));
}

bool llama_weights::ends(llama_token_id token) const noexcept {
  return std::find(ends_.begin(), ends_.end(), token) != ends_.end();
}

std::string llama_weights::chat_template() const {
  const auto* text = llama_model_chat_template(model_, nullptr);
  return text != nullptr ? text : "";
}

// -- conversations ------------------------------------------------------------

namespace {

/// Returns the length of the prompt, of which `out` gets what fits; negative
/// when the template is not known.
std::int32_t apply(std::span<const llama_chat_message> messages,
                   const std::string& name_or_text, std::string& out) {
  return llama_chat_apply_template(name_or_text.c_str(), messages.data(),
                                   messages.size(), true, out.data(),
                                   static_cast<std::int32_t>(out.size()));
}

std::string plain_prompt(std::span<const chat_turn> turns) {
  std::string result;
  for (const auto& x : turns)
    result += x.role + ": " + x.content + '\n';
  return result + "assistant:";
}

} // namespace

bool knows_chat_template(const std::string& name_or_text) {
  constexpr std::array<llama_chat_message, 1> messages{{{"user", "x"}}};
  std::string out;
  return apply(messages, name_or_text, out) >= 0;
}

std::string chat_prompt(std::span<const chat_turn> turns,
                        const std::string& name_or_text) {
  if (name_or_text.empty())
    return plain_prompt(turns);
  std::vector<llama_chat_message> messages;
  std::size_t size = 256;
  for (const auto& x : turns) {
    messages.push_back({x.role.c_str(), x.content.c_str()});
    size += 2 * (x.role.size() + x.content.size());
  }
  std::string result(
    std::min<std::size_t>(size, std::numeric_limits<std::int32_t>::max()),
    '\0');
  auto n = apply(messages, name_or_text, result);
  if (n > static_cast<std::int32_t>(result.size())) {
    result.resize(static_cast<std::size_t>(n));
    n = apply(messages, name_or_text, result);
  }
  if (n < 0)
    throw llama_error("the model's chat template is not known");
  result.resize(static_cast<std::size_t>(n));
  return result;
}

// -- the shared ones ----------------------------------------------------------

std::shared_ptr<const llama_weights> llama_weights_source::get() {
  std::lock_guard guard{mutex_};
  if (weights_ == nullptr)
    weights_ = std::make_shared<const llama_weights>(file_);
  return weights_;
}

} // namespace troupe
