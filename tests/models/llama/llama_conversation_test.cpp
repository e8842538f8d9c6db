#ifdef TROUPE_HAS_LLAMA

#include "troupe/tests/models/llama_fixture.hpp"
#include "troupe/tests/support/config_file.hpp"

#include <ggml.h>
#include <gguf.h>

namespace troupe {

namespace {

/// Writes the tiny model with a chat template.
void write_with_template(const std::string& to, const char* text) {
  ggml_context* tensors = nullptr;
  auto* file = gguf_init_from_file((tiny_folder() / "tiny.gguf").c_str(),
                                   {.no_alloc = false, .ctx = &tensors});
  ASSERT_NE(file, nullptr);
  gguf_set_val_str(file, "tokenizer.chat_template", text);
  auto* out = gguf_init_empty();
  gguf_set_kv(out, file);
  for (std::int64_t i = 0; i < gguf_get_n_tensors(file); ++i)
    gguf_add_tensor(out,
                    ggml_get_tensor(tensors, gguf_get_tensor_name(file, i)));
  EXPECT_TRUE(gguf_write_to_file(out, to.c_str(), false));
  gguf_free(out);
  gguf_free(file);
  ggml_free(tensors);
}

constexpr const char* known_template =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
  "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

} // namespace

TEST(llama_conversation, continues_a_conversation) {
  llama_instance lines{{{"chat_template", "lines"}}};
  llama_instance chatml{{{"chat_template", "chatml"}}};
  json request = greedy("", 10);
  request.erase("prompt");
  request["messages"] = {{{"role", "user"}, {"content", "What is a hacker?"}}};
  auto x = lines.answer(request);
  EXPECT_EQ(x, lines.answer(greedy("user: What is a hacker?\nassistant:", 10)));
  EXPECT_EQ(chatml.answer(request),
            lines.answer(greedy("<|im_start|>user\nWhat is a hacker?<|im_end|>"
                                "\n<|im_start|>assistant\n",
                                10)));
}

TEST(llama_conversation, takes_no_conversations_without_a_template) {
  json request{{"messages", {{{"role", "user"}, {"content", "a"}}}}};
  llama_instance m;
  auto [status, detail] = refusal(m.ask(request));
  EXPECT_EQ(status, 422);
  EXPECT_EQ(detail[0]["loc"], json({"body", "messages"}));
  EXPECT_EQ(detail[0]["msg"],
            "the model's file has no chat template: send prompt");
  ASSERT_EQ(m.lines.size(), 1U);
  EXPECT_NE(m.lines[0].find("options.chat_template"), std::string::npos);
  llama_instance none{{{"chat_template", "none"}}};
  EXPECT_EQ(refusal(none.ask(request)).first, 422);
  EXPECT_TRUE(none.lines.empty());
}

TEST(llama_conversation, follows_the_files_template_when_it_is_known_exactly) {
  temp_config folder{""};
  write_with_template(folder.path(), known_template);
  json request{{"messages", {{{"role", "user"}, {"content", "The hacker"}}}},
               {"temperature", 0},
               {"max_tokens", 5}};
  llama_instance own{define(json::object(), folder.path()), 0};
  llama_instance named{json{{"chat_template", "chatml"}}};
  EXPECT_EQ(own.answer(request), named.answer(request));
}

TEST(llama_conversation,
     does_not_start_with_a_template_that_may_be_rendered_otherwise) {
  temp_config folder{""};
  // llama.cpp takes it for ChatML, and drops the sentence.
  auto text = std::string{"{{ 'Be brief.' }}"} + known_template;
  write_with_template(folder.path(), text.c_str());
  try {
    llama_instance m{define(json::object(), folder.path()), 0};
    FAIL() << "no error";
  } catch (const llama_error& e) {
    EXPECT_NE(std::string{e.what()}.find("options.chat_template"),
              std::string::npos);
  }
  for (const auto* way_out : {"chatml", "lines", "none"})
    EXPECT_NO_THROW(
      (llama_instance{define({{"chat_template", way_out}}, folder.path()), 0}))
      << way_out;
}

TEST(llama_conversation, begins_no_turn_that_a_message_writes) {
  llama_instance m{{{"chat_template", "lines"}}};
  auto asked = [&](const std::string& content) {
    return m
      .answer({{"messages", {{{"role", "user"}, {"content", content}}}},
               {"max_tokens", 1}})["prompt_tokens"]
      .get<int>();
  };
  // The text of a control token is more than one token; in a prompt it is one.
  EXPECT_GE(asked("</s>"), asked("") + 2);
  auto prompt = [&](const std::string& text) {
    return m.answer({{"prompt", text}, {"max_tokens", 1}})["prompt_tokens"]
      .get<int>();
  };
  EXPECT_EQ(prompt("The</s>"), prompt("The") + 1);
}

} // namespace troupe

#endif
