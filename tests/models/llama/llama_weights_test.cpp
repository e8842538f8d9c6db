#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama/llama_library.hpp"
#include "troupe/models/llama/llama_weights.hpp"
#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ggml.h>
#include <gguf.h>
#include <thread>

namespace troupe {

namespace {

constexpr llama_token_id begin_token = 256;
constexpr llama_token_id end_token = 257;

/// The bytes as GPT-2's vocabulary writes them, then the control tokens.
std::vector<std::string> byte_pair_tokens(std::size_t size) {
  std::vector<std::string> result;
  auto add = [&](unsigned c) {
    if (c < 0x80)
      result.push_back({static_cast<char>(c)});
    else
      result.push_back({static_cast<char>(0xC0U | (c >> 6U)),
                        static_cast<char>(0x80U | (c & 0x3FU))});
  };
  for (unsigned c = 0, other = 256; c < 256; ++c)
    if ((c > 32 && c < 127) || (c > 160 && c != 173))
      add(c);
    else
      add(other++);
  result.insert(result.end(), {"<s>", "</s>"});
  while (result.size() < size)
    result.push_back("unused" + std::to_string(result.size()));
  return result;
}

/// Writes the tiny model with a vocabulary of byte pairs, DeepSeek's kind.
void write_byte_pairs(const std::string& to) {
  ggml_context* tensors = nullptr;
  auto* from = gguf_init_from_file((tiny_folder() / "tiny.gguf").c_str(),
                                   {.no_alloc = false, .ctx = &tensors});
  ASSERT_NE(from, nullptr);
  auto* out = gguf_init_empty();
  gguf_set_kv(out, from);
  for (const auto* key : {"scores", "unknown_token_id", "add_space_prefix"})
    gguf_remove_key(out, (std::string{"tokenizer.ggml."} + key).c_str());
  auto tokens = byte_pair_tokens(512);
  std::vector<const char*> texts;
  std::vector<std::int32_t> types;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    texts.push_back(tokens[i].c_str());
    auto control = i == begin_token || i == end_token;
    types.push_back(control ? 3 : 1);
  }
  const char* merge = "u n";
  gguf_set_val_str(out, "tokenizer.ggml.model", "gpt2");
  gguf_set_val_str(out, "tokenizer.ggml.pre", "deepseek-llm");
  gguf_set_arr_str(out, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_str(out, "tokenizer.ggml.merges", &merge, 1);
  gguf_set_arr_data(out, "tokenizer.ggml.token_type", GGUF_TYPE_INT32,
                    types.data(), types.size());
  gguf_set_val_u32(out, "tokenizer.ggml.bos_token_id", begin_token);
  gguf_set_val_u32(out, "tokenizer.ggml.eos_token_id", end_token);
  gguf_set_val_bool(out, "tokenizer.ggml.add_bos_token", true);
  gguf_set_val_bool(out, "tokenizer.ggml.add_eos_token", true);
  for (std::int64_t i = 0; i < gguf_get_n_tensors(from); ++i)
    gguf_add_tensor(out,
                    ggml_get_tensor(tensors, gguf_get_tensor_name(from, i)));
  EXPECT_TRUE(gguf_write_to_file(out, to.c_str(), false));
  gguf_free(out);
  gguf_free(from);
  ggml_free(tensors);
}

} // namespace

TEST(llama_library, starts_more_than_once_and_from_any_folder) {
  auto before = std::filesystem::current_path();
  std::filesystem::current_path("/");
  start_llama_library();
  start_llama_library();
  std::filesystem::current_path(before);
  EXPECT_NO_THROW(tiny_weights());
}

TEST(llama_weights, know_the_models_sizes) {
  auto x = tiny_weights();
  EXPECT_EQ(x->trained_context(), 128);
  EXPECT_EQ(x->vocabulary_size(), 512);
  EXPECT_EQ(x->chat_template(), "");
  ASSERT_FALSE(x->ends().empty());
  EXPECT_TRUE(x->ends(x->ends().front()));
  EXPECT_FALSE(x->ends(100));
}

TEST(llama_weights, turn_text_into_tokens_and_back) {
  auto x = tiny_weights();
  const std::string text = "The hacker, na\xC3\xAFve \xF0\x9F\x98\x80.";
  std::string back;
  for (auto token : x->tokenize({text}))
    x->append_piece(token, back);
  EXPECT_EQ(back.substr(back.find('T')), text);
  EXPECT_LE(x->least_tokens(text), x->tokenize({text}).size());
  EXPECT_GE(x->least_tokens(std::string(1'000'000, 'a')), 10'000U);
}

TEST(llama_weights, take_long_words_with_a_vocabulary_of_byte_pairs) {
  temp_config folder{""};
  write_byte_pairs(folder.path());
  llama_weights x{folder.path()};
  // One match of the vocabulary's regular expression each.
  for (const std::string unit : {"x", " ", "!", "1", "\u4E2D"}) {
    std::string text;
    while (text.size() < 300'000)
      text += unit;
    EXPECT_EQ(x.tokenize({text}).size(), text.size() + 2) << unit;
    EXPECT_EQ(x.tokenize({unit}).size(), unit.size() + 2) << unit;
  }
  auto tokens = x.tokenize({"<s>" + std::string(10'000, 'x') + "</s>"});
  ASSERT_EQ(tokens.size(), 10'004U);
  EXPECT_EQ(tokens[0], begin_token);
  EXPECT_EQ(tokens[1], begin_token);
  EXPECT_EQ(tokens[10'002], end_token);
  EXPECT_EQ(tokens[10'003], end_token);
}

/// A prompt of a turn, with the content of somebody else.
prompt_text turn_of(const std::string& content) {
  return {"<s>" + content + "</s>", {{3, 3 + content.size()}}};
}

std::string text_of(const llama_weights& x,
                    const std::vector<llama_token_id>& tokens) {
  std::string result;
  for (auto token : tokens)
    x.append_piece(token, result);
  return result;
}

TEST(llama_weights, take_a_control_token_for_text_where_it_is_foreign) {
  temp_config folder{""};
  write_byte_pairs(folder.path());
  llama_weights pairs{folder.path()};
  auto tiny = tiny_weights();
  for (const auto* x : std::array<const llama_weights*, 2>{&pairs, tiny.get()})
    for (const std::string content : {"</s>", "a</s>b<s>", "<s></s></s>",
                                      "<<s>/s>", "s></s", "\u4E2D</s>\u4E2D"}) {
      auto tokens = x->tokenize(turn_of(content));
      auto own = x->tokenize({"<s></s>"});
      auto is_control = [&](llama_token_id t) {
        return std::find(own.begin(), own.end(), t) != own.end();
      };
      // As many as around no content.
      EXPECT_EQ(std::count_if(tokens.begin(), tokens.end(), is_control),
                static_cast<std::ptrdiff_t>(own.size()))
        << content;
    }
  // Nothing of it is lost, and nothing is added where words are byte pairs.
  EXPECT_EQ(text_of(pairs, pairs.tokenize(turn_of("a</s>b<s>"))), "a</s>b<s>");
  // What needs no care is as the library has it.
  EXPECT_EQ(tiny->tokenize(turn_of("the hacker")),
            tiny->tokenize({"<s>the hacker</s>"}));
}

TEST(llama_weights, take_long_foreign_texts) {
  temp_config folder{""};
  write_byte_pairs(folder.path());
  llama_weights x{folder.path()};
  auto content = "</s>" + std::string(20'000, 'x') + "</s>";
  auto tokens = x.tokenize(turn_of(content));
  EXPECT_EQ(text_of(x, tokens), content);
  EXPECT_EQ(std::count(tokens.begin(), tokens.end(), end_token), 2);
}

TEST(llama_weights, begin_an_empty_text_with_the_token_for_that) {
  EXPECT_EQ(tiny_weights()->tokenize({""}).size(), 1U);
}

TEST(llama_weights, say_why_a_file_cannot_be_loaded) {
  temp_config folder{"no model"};
  auto why = [](const std::string& path) -> std::string {
    try {
      llama_weights x{path};
      return "loaded";
    } catch (const llama_error& e) {
      return e.what();
    }
  };
  auto text = why(folder.path());
  EXPECT_EQ(text.find("cannot load " + folder.path() + ": "), 0U) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(llama_weights_source, loads_once_for_all_and_tries_again) {
  temp_config folder{"no model"};
  llama_weights_source source{folder.path()};
  EXPECT_THROW(source.get(), llama_error);
  std::filesystem::copy_file(tiny_folder() / "tiny.gguf", folder.path(),
                             std::filesystem::copy_options::overwrite_existing);
  std::shared_ptr<const llama_weights> a;
  std::thread other{[&] { a = source.get(); }};
  auto b = source.get();
  other.join();
  EXPECT_EQ(a, b);
}

} // namespace troupe

#endif
