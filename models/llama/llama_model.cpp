#include "troupe/models/llama/llama_model.hpp"

#include "troupe/models/llama/llama_chat.hpp"
#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/option_reader.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"

#include <algorithm>
#include <limits>
#include <llama.h>

namespace troupe {

namespace {

using nlohmann::json;

/// Without the option; more is a matter of memory.
constexpr std::int32_t max_default_context = 2048;

constexpr std::int32_t max_sequences = 256;
constexpr std::int32_t max_threads = 256;
constexpr std::int32_t max_tokens = std::numeric_limits<std::int32_t>::max();

/// How many tokens of a member go into the next run.
std::size_t due(const llama_text_model::state& x) noexcept {
  return x.next.size() - x.seen;
}

[[noreturn]] void refuse(const std::string& key, const std::string& why,
                         const char* type = "value_error") {
  validation_error e{type, why};
  e.prepend(key);
  throw e;
}

const char* key_of(const llama_request& x) noexcept {
  return x.prompt ? "prompt" : "messages";
}

[[noreturn]] void refuse_prompt(const llama_request& x,
                                const std::string& tokens,
                                std::int32_t context) {
  // The type and these words are what OpenAI's clients look for.
  refuse(key_of(x),
         "the model's maximum context length is " + std::to_string(context)
           + " tokens, which prompt and answer share; the prompt has " + tokens,
         "context_length_exceeded");
}

void refuse_unknown_tokens(const llama_request& x, std::int32_t vocabulary) {
  for (const auto& [token, bias] : x.sampling.logit_bias)
    if (token >= vocabulary)
      reading::at("logit_bias", [&, id = token] {
        refuse(std::to_string(id),
               "there are " + std::to_string(vocabulary) + " tokens");
      });
}

} // namespace

// -- the model ----------------------------------------------------------------

void llama_text_model::setup(const worker_slot& slot) {
  weights_ = source_->get();
  auto warn = [&](const std::string& text) {
    slot.log(log_level::warning, slot.model + ": " + text);
  };
  auto trained = weights_->trained_context();
  auto& context = options_.engine.context;
  if (context == 0)
    context = std::min(trained, max_default_context);
  else if (context > trained)
    warn("a context of " + std::to_string(context)
         + " tokens, but the model was trained with "
         + std::to_string(trained));
  choose_format(slot);
  auto turn = source_->turn();
  engine_ = std::make_unique<llama_engine>(weights_, options_.engine);
}

void llama_text_model::choose_format(const worker_slot& slot) {
  auto& format = options_.chat_template;
  auto written = weights_->chat_template();
  if (format.empty() && written.empty()) {
    has_no_template_ = true;
    format = no_chat_format;
    if (slot.index == 0)
      slot.log(log_level::info, slot.model
                                  + ": the file has no chat template, so only "
                                    "prompts are answered; "
                                    "options.chat_template may name one");
  } else if (format.empty()) {
    format = written;
  }
  if (format == lines_format || format == no_chat_format
      || is_template_name(format)
      || renders_exactly(format, weights_->end_text()))
    return;
  throw llama_error("the chat template is not known to be rendered exactly; "
                    "set options.chat_template to the name of one "
                    "that does the same (chatml, llama3, gemma, ...), or to "
                    "\"none\" to serve prompts alone");
}

void llama_text_model::warmup() {
  auto slot = engine_->open();
  const llama_token_id token = 0;
  const llama_engine::job job{slot->number(), 0, {&token, 1}, true};
  engine_->run(
    {&job, 1}, [](auto, auto) {}, [](auto, const llama_error& e) { throw e; });
}

std::vector<llama_token_id>
llama_text_model::prompt_of(const llama_request& x) const {
  if (!x.prompt && options_.chat_template == no_chat_format)
    refuse("messages", has_no_template_
                         ? "the model's file has no chat template: send prompt"
                         : "the model takes no conversations: send prompt");
  // A prompt is the model's own language, with its control tokens.
  auto prompt = x.prompt ? prompt_text{*x.prompt}
                         : chat_prompt(x.messages, options_.chat_template);
  auto context = options_.engine.context;
  // A long text is not worth the time that it takes from the others.
  if (auto n = weights_->least_tokens(prompt.text);
      n >= static_cast<std::size_t>(context))
    refuse_prompt(x, "at least " + std::to_string(n), context);
  auto result = weights_->tokenize(prompt);
  if (result.size() >= static_cast<std::size_t>(context))
    refuse_prompt(x, std::to_string(result.size()), context);
  if (result.empty())
    refuse("prompt", "expected a prompt that is not empty");
  return result;
}

llama_text_model::state llama_text_model::admit(const llama_request& x) {
  refuse_unknown_tokens(x, weights_->vocabulary_size());
  auto prompt = prompt_of(x);
  auto count = static_cast<std::int32_t>(prompt.size());
  auto tokens = std::min(x.max_tokens, options_.engine.context - count);
  auto slot = engine_->open();
  if (!slot)
    throw http_error(503, "All sequences are taken");
  return {std::move(*slot),
          std::move(prompt),
          make_llama_sampler(x.sampling, *weights_, tokens),
          {},
          stop_matcher{x.stop},
          count,
          tokens,
          x.stream,
          x.sampling.ignore_eos};
}

void llama_text_model::step(std::span<member> live) {
  jobs_.clear();
  members_.clear();
  auto room = static_cast<std::size_t>(options_.engine.batch_tokens);
  auto take = [&](member& x) {
    if (x->max_tokens == 0) {
      end(x, "length");
      return;
    }
    auto n = std::min(due(x.state()), room);
    if (n == 0)
      return;
    room -= n;
    jobs_.push_back({x->slot.number(), x->position,
                     std::span{x->next}.subspan(x->seen, n),
                     n == due(x.state())});
    members_.push_back(&x);
  };
  // Members that answer go first, a token each; the rest is for prompts, in the
  // order in which they came.
  for (auto& x : live)
    if (x->completion_tokens > 0)
      take(x);
  for (auto& x : live)
    if (x->completion_tokens == 0)
      take(x);
  engine_->run(
    jobs_,
    [&](std::size_t i, std::int32_t row) {
      auto& x = *members_[i];
      x->seen += jobs_[i].tokens.size();
      x->position += static_cast<std::int32_t>(jobs_[i].tokens.size());
      if (row >= 0)
        advance(x, row);
    },
    [&](std::size_t i, const llama_error& e) {
      members_[i]->fail(std::make_exception_ptr(e));
    });
}

void llama_text_model::advance(member& x, std::int32_t row) {
  auto token = llama_sampler_sample(x->sampler.get(), engine_->get(), row);
  if (!x->ignore_eos && weights_->ends(token)) {
    end(x, "stop");
    return;
  }
  ++x->completion_tokens;
  x.ctx().count_tokens({static_cast<std::uint32_t>(x->prompt_tokens),
                        static_cast<std::uint32_t>(x->completion_tokens), 0});
  std::string piece;
  weights_->append_piece(token, piece);
  std::string text;
  x->assembler.push(piece, text);
  emit(x, x->stops.push(text));
  if (x->stops.stopped()) {
    end(x, "stop");
  } else if (x->completion_tokens >= x->max_tokens) {
    end(x, "length");
  } else {
    x->next.assign(1, token);
    x->seen = 0;
  }
}

void llama_text_model::emit(member& x, std::string text) {
  if (!x->stream)
    x->text += text;
  else if (!text.empty())
    x.write({{"content", std::move(text)}});
}

void llama_text_model::end(member& x, const char* reason) {
  // Text that could have become a stop string or a code point, and did not.
  if (!x->stops.stopped()) {
    std::string text;
    x->assembler.finish(text);
    text = x->stops.push(text);
    emit(x, text + x->stops.finish());
  }
  json last{{"content", std::move(x->text)},
            {"finish_reason", x->stops.stopped() ? "stop" : reason},
            {"prompt_tokens", x->prompt_tokens},
            {"completion_tokens", x->completion_tokens}};
  if (x->stream) {
    x.write(std::move(last));
    x.finish();
  } else {
    x.finish(std::move(last));
  }
}

// -- the factory --------------------------------------------------------------

namespace {

template <class T>
void read_checked(option_reader& reader, const char* key, T& out,
                  std::string (*error_of)(T)) {
  reader.read(key, out);
  if (auto why = error_of(out); !why.empty())
    reader.refuse(key, why);
}

void check_format(const option_reader& reader, const std::string& format) {
  // The start checks whether the model ends a turn as the template's text does.
  auto is_text = format.find('{') != std::string::npos;
  if (format.empty() || format == lines_format || format == no_chat_format
      || is_template_name(format) || (is_text && may_render_exactly(format)))
    return;
  if (is_text)
    reader.refuse("chat_template",
                  "this template is not known to be rendered exactly; expected "
                  "the name of one that does the same (chatml, "
                  "llama3, gemma, ...), \"lines\" or \"none\"");
  auto near = nearest_template_name(format);
  reader.refuse("chat_template",
                "llama.cpp has no template of this name"
                  + (near.empty() ? " (chatml, llama3, gemma, ...)"
                                  : ", did you mean \"" + near + "\"?"));
}

llama_model_options read_options(const json& options) {
  llama_model_options result;
  auto& engine = result.engine;
  engine.context = 0;
  auto& sampling = result.defaults.sampling;
  option_reader reader{options};
  reader.read_between("sequences", engine.sequences, 1, max_sequences)
    .read_between("context", engine.context, 2, max_tokens)
    .read_between("batch_tokens", engine.batch_tokens, 1, max_tokens)
    .read_between("threads", engine.threads, 1, max_threads)
    .read_between("max_tokens", result.defaults.max_tokens, 1, max_tokens)
    .read("shared_cache", engine.shared_cache)
    .read("chat_template", result.chat_template);
  read_checked(reader, "temperature", sampling.temperature, temperature_error);
  read_checked(reader, "top_p", sampling.top_p, top_p_error);
  read_checked(reader, "top_k", sampling.top_k, top_k_error);
  read_checked(reader, "min_p", sampling.min_p, min_p_error);
  reader.done();
  if (engine.batch_tokens < engine.sequences)
    reader.refuse("batch_tokens", "expected at least options.sequences ("
                                    + std::to_string(engine.sequences)
                                    + "), got "
                                    + std::to_string(engine.batch_tokens));
  if (std::int64_t{engine.sequences} * engine.context
      > std::numeric_limits<std::int32_t>::max())
    reader.refuse("context", "sequences times context is too large");
  check_format(reader, result.chat_template);
  return result;
}

} // namespace

model_definition make_llama_definition(model_options options,
                                       const model_config& config) {
  expect_cpu(options, "llama");
  return make_model<llama_text_model>(
    std::move(options),
    std::make_shared<llama_weights_source>(model_file(config)),
    read_options(config.options));
}

} // namespace troupe
