#include "troupe/models/llama/llama_weights.hpp"

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/llama/llama_text.hpp"

#include <algorithm>
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
    throw llama_error(file.string() + " is not a model that continues a text");
  }
  for (llama_token_id i = 0; i < vocabulary_size(); ++i) {
    if (llama_vocab_is_eog(vocab_, i))
      ends_.push_back(i);
    std::string_view text{llama_vocab_get_text(vocab_, i)};
    longest_piece_ = std::max(longest_piece_, text.size());
    auto kind = static_cast<unsigned>(llama_vocab_get_attr(vocab_, i));
    constexpr unsigned control =
      LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN;
    if ((kind & control) != 0)
      controls_.add(text, true);
    // Others are words, tags or spaces.
    else if ((kind & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0
             && (text.starts_with('<') || text.starts_with('[')))
      controls_.add(text, false);
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
                                  bool controls,
                                  std::vector<llama_token_id>& out) const {
  auto before = out.size();
  auto run = [&](std::size_t room) {
    out.resize(before + room);
    return llama_tokenize(
      vocab_, text.data(), static_cast<std::int32_t>(text.size()),
      out.data() + before, static_cast<std::int32_t>(room), around, controls);
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
llama_weights::tokenize(const prompt_text& prompt) const {
  std::string_view text = prompt.text;
  if (text.size() > std::numeric_limits<std::int32_t>::max())
    throw llama_error("a text of 2 GiB");
  // With 400 bytes of stack for each, 3 of the usual 8 MiB.
  constexpr std::size_t most = 8192;
  auto limited = llama_vocab_type(vocab_) == LLAMA_VOCAB_TYPE_BPE;
  auto cuts = controls_.cuts(prompt);
  std::vector<llama_token_id> result;
  auto begin = llama_vocab_bos(vocab_);
  if (cuts.empty() && (!limited || text.size() <= most)) {
    append_tokens(text, true, true, result);
  } else {
    if (llama_vocab_get_add_bos(vocab_))
      result.push_back(begin);
    cuts.push_back(text.size());
    std::size_t at = 0;
    for (auto end : cuts) {
      auto foreign = std::any_of(
        prompt.foreign.begin(), prompt.foreign.end(),
        [&](const auto& x) { return x.begin <= at && end <= x.end; });
      for (auto part : split_text(text.substr(at, end - at),
                                  limited ? most : text.size() + 8))
        append_tokens(part, false, !foreign, result);
      at = end;
    }
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

std::string llama_weights::end_text() const {
  auto end = llama_vocab_eos(vocab_);
  return end >= 0 ? llama_vocab_get_text(vocab_, end) : "";
}

// -- the shared ones ----------------------------------------------------------

std::shared_ptr<const llama_weights> llama_weights_source::get() {
  std::lock_guard guard{mutex_};
  if (weights_ == nullptr)
    weights_ = std::make_shared<const llama_weights>(file_);
  return weights_;
}

} // namespace troupe
