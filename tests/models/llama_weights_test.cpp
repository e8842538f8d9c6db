#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama_library.hpp"
#include "troupe/models/llama_weights.hpp"
#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace troupe {

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
  for (auto token : x->tokenize(text))
    x->append_piece(token, back);
  EXPECT_EQ(back.substr(back.find('T')), text);
  EXPECT_LE(x->least_tokens(text), x->tokenize(text).size());
  EXPECT_GE(x->least_tokens(std::string(1'000'000, 'a')), 10'000U);
}

TEST(llama_weights, begin_an_empty_text_with_the_token_for_that) {
  EXPECT_EQ(tiny_weights()->tokenize("").size(), 1U);
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

TEST(chat_prompt, joins_turns_as_lines_without_a_template) {
  std::vector<chat_turn> turns{{"system", "Be brief."}, {"user", "Hello"}};
  EXPECT_EQ(chat_prompt(turns, ""),
            "system: Be brief.\nuser: Hello\nassistant:");
}

TEST(chat_prompt, follows_a_template_by_name_or_text) {
  std::vector<chat_turn> turns{{"user", "Hello"}};
  const std::string wanted =
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n";
  EXPECT_EQ(chat_prompt(turns, "chatml"), wanted);
  EXPECT_EQ(chat_prompt(turns, "{% for m in messages %}<|im_start|>..."),
            wanted);
  // Longer than what the first attempt has room for.
  std::vector<chat_turn> many(1000, chat_turn{"user", ""});
  EXPECT_GT(chat_prompt(many, "chatml").size(), 20'000U);
  EXPECT_TRUE(knows_chat_template("chatml"));
  EXPECT_FALSE(knows_chat_template("no such thing"));
}

} // namespace troupe

#endif
