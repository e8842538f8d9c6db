#ifdef TROUPE_HAS_LLAMA

#include "troupe/tests/models/llama_fixture.hpp"

namespace troupe {

namespace {

std::string refused(json options, std::filesystem::path path = "tiny.gguf") {
  try {
    (void)define(std::move(options), std::move(path));
    return "none";
  } catch (const model_config_error& e) {
    return e.where();
  }
}

} // namespace

TEST(llama_config, needs_a_path_to_a_file) {
  EXPECT_EQ(refused(json::object(), ""), "path");
  EXPECT_EQ(refused(json::object(), "nothing.gguf"), "path");
}

TEST(llama_config, knows_its_options) {
  EXPECT_EQ(refused(json::object()), "none");
  EXPECT_EQ(refused({{"sequences", 2},
                     {"context", 64},
                     {"batch_tokens", 2},
                     {"threads", 2},
                     {"max_tokens", 1},
                     {"temperature", 0},
                     {"top_p", 1},
                     {"top_k", 0},
                     {"min_p", 0.1},
                     {"shared_cache", false},
                     {"chat_template", "chatml"}}),
            "none");
  EXPECT_EQ(refused({{"n_ctx", 2}}), "options.n_ctx");
  EXPECT_EQ(refused({{"sequences", 0}}), "options.sequences");
  EXPECT_EQ(refused({{"sequences", 257}}), "options.sequences");
  EXPECT_EQ(refused({{"sequences", 4294967297}}), "options.sequences");
  EXPECT_EQ(refused({{"context", 1}}), "options.context");
  EXPECT_EQ(refused({{"context", 2147483647}}), "options.context");
  EXPECT_EQ(refused({{"batch_tokens", 15}}), "options.batch_tokens");
  EXPECT_EQ(refused({{"threads", 0}}), "options.threads");
  EXPECT_EQ(refused({{"max_tokens", 0}}), "options.max_tokens");
  EXPECT_EQ(refused({{"temperature", -1}}), "options.temperature");
  EXPECT_EQ(refused({{"top_p", -0.1}}), "options.top_p");
  EXPECT_EQ(refused({{"top_k", -1}}), "options.top_k");
  EXPECT_EQ(refused({{"min_p", 1.5}}), "options.min_p");
  for (const auto* known : {"lines", "none", "chatml", "llama3"})
    EXPECT_EQ(refused({{"chat_template", known}}), "none") << known;
  for (const auto* other : {"none such", "{{ x }}", "{# <|im_start|> #}"})
    EXPECT_EQ(refused({{"chat_template", other}}), "options.chat_template")
      << other;
  EXPECT_EQ(refused(json::array()), "options");
}

TEST(llama_config, has_no_device_but_the_processor) {
  model_registry registry;
  add_llama_model(registry);
  model_options options;
  options.device = "cuda:0";
  try {
    (void)(*registry.find("llama"))(
      options, {"llama", "tiny.gguf", json::object(), tiny_folder()});
    FAIL() << "no error";
  } catch (const model_config_error& e) {
    EXPECT_EQ(e.where(), "device");
  }
}

TEST(llama_config, takes_defaults_for_requests) {
  llama_instance m{{{"max_tokens", 3}, {"temperature", 0}}};
  auto x = m.answer({{"prompt", "The"}, {"ignore_eos", true}});
  EXPECT_EQ(x["completion_tokens"], 3);
  EXPECT_EQ(m.answer({{"prompt", "The"}, {"ignore_eos", true}}), x);
}

TEST(llama_config, fails_its_start_on_a_broken_file) {
  EXPECT_THROW(
    (llama_instance{define(json::object(), "../../digits/config.json"), 0}),
    std::runtime_error);
}

} // namespace troupe

#else

#include "troupe/models/registry.hpp"

#include <gtest/gtest.h>

namespace troupe {

TEST(llama_config, says_how_to_get_the_library) {
  model_registry registry;
  add_llama_model(registry);
  try {
    (void)(*registry.find("llama"))({}, {"llama", "tiny.gguf"});
    FAIL() << "no error";
  } catch (const model_config_error& e) {
    EXPECT_EQ(e.where(), "type");
    EXPECT_NE(std::string{e.what()}.find("make llama"), std::string::npos);
  }
}

} // namespace troupe

#endif
