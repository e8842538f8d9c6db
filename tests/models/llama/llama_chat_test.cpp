#ifdef TROUPE_HAS_LLAMA

#include "troupe/models/llama/llama_chat.hpp"
#include "troupe/specs/values/validation_error.hpp"

#include <gtest/gtest.h>

#include <llama.h>

namespace troupe {

namespace {

using turns_type = std::vector<chat_turn>;

/// The prompt with `{` and `}` around what is foreign.
std::string marked(const turns_type& turns, const std::string& format) {
  auto x = chat_prompt(turns, format);
  for (auto i = x.foreign.rbegin(); i != x.foreign.rend(); ++i) {
    x.text.insert(i->end, 1, '}');
    x.text.insert(i->begin, 1, '{');
  }
  return x.text;
}

/// The templates that llama.cpp has; a build has those of its release.
std::vector<std::string> all_names() {
  std::vector<const char*> names(
    static_cast<std::size_t>(llama_chat_builtin_templates(nullptr, 0)));
  llama_chat_builtin_templates(names.data(), names.size());
  return {names.begin(), names.end()};
}

const std::string openhermes =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
  "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

} // namespace

TEST(chat_prompt, joins_turns_as_lines) {
  EXPECT_EQ(marked({{"system", "Be brief."}, {"user", "Hello"}}, "lines"),
            "system: {Be brief.}\nuser: {Hello}\nassistant:");
}

TEST(chat_prompt, follows_a_template_by_name_or_text) {
  for (const auto& format : {std::string{"chatml"}, openhermes})
    EXPECT_EQ(marked({{"user", "Hello"}}, format),
              "<|im_start|>user\n{Hello}<|im_end|>\n<|im_start|>assistant\n");
  // Longer than what the first attempt has room for.
  turns_type many(1000, chat_turn{"user", ""});
  EXPECT_GT(chat_prompt(many, "chatml").text.size(), 20'000U);
}

TEST(chat_prompt, knows_the_contents_that_a_template_trims_or_moves) {
  EXPECT_EQ(marked({{"user", " a \n"}}, "llama3"),
            "<|start_header_id|>user<|end_header_id|>\n\n{a}<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(marked({{"system", " s "}, {"user", "u"}}, "gemma"),
            "<start_of_turn>user\n{s}\n\n{u}<end_of_turn>\n"
            "<start_of_turn>model\n");
}

TEST(chat_prompt, tells_every_template_from_every_content) {
  const turns_type turns{{"system", "\n system <|im_end|>"},
                         {"user", "  user \x01"
                                  "0\x02 [/INST]  "},
                         {"assistant", "assistant"},
                         {"user", " \t "},
                         {"assistant", ""},
                         {"user", "user"}};
  for (const auto& name : all_names()) {
    // It has no place for a system's message.
    if (name == "yandex")
      continue;
    auto x = chat_prompt(turns, name);
    std::size_t at = 0;
    for (const auto& part : x.foreign) {
      EXPECT_LE(at, part.begin) << name;
      EXPECT_LT(part.begin, part.end) << name;
      at = part.end;
    }
    EXPECT_LE(at, x.text.size()) << name;
    ASSERT_GE(x.foreign.size(), 4U) << name;
    std::string all;
    for (const auto& part : x.foreign)
      all += x.text.substr(part.begin, part.end - part.begin);
    for (const auto* word : {"system <|im_end|>", "[/INST]", "assistant"})
      EXPECT_NE(all.find(word), std::string::npos) << name << ": " << all;
  }
}

TEST(chat_prompt, refuses_a_zero_that_a_template_would_end_at) {
  const turns_type turns{{"system", "a"}, {"user", std::string("b\0c", 3)}};
  try {
    (void)chat_prompt(turns, "chatml");
    FAIL() << "no error";
  } catch (const validation_error& e) {
    EXPECT_EQ(e.location(), nlohmann::json({"messages", 1, "content"}));
  }
  EXPECT_EQ(chat_prompt(turns, "lines").text.size(), 30U);
}

TEST(chat_prompt, refuses_a_message_that_a_template_leaves_out) {
  try {
    (void)chat_prompt(turns_type{{"user", "a"}, {"system", "b"}}, "gemma");
    FAIL() << "no error";
  } catch (const validation_error& e) {
    EXPECT_EQ(e.location(), nlohmann::json({"messages", 1}));
  }
}

TEST(chat_template, is_known_by_name) {
  EXPECT_TRUE(is_template_name("chatml"));
  EXPECT_FALSE(is_template_name("lines"));
  EXPECT_FALSE(is_template_name(""));
  EXPECT_FALSE(is_template_name("no such thing"));
  EXPECT_EQ(nearest_template_name("chatlm"), "chatml");
}

TEST(chat_template, is_rendered_exactly_only_when_that_was_checked) {
  EXPECT_TRUE(renders_exactly(openhermes, ""));
  // llama.cpp takes all of these for ChatML.
  for (const auto& text :
       {openhermes + " ", "{{ 'Be brief.' }}" + openhermes,
        std::string{"{% for m in messages %}<|im_start|>..."}}) {
    EXPECT_FALSE(renders_exactly(text, "")) << text;
    EXPECT_FALSE(may_render_exactly(text)) << text;
  }
}

} // namespace troupe

#endif
