#include "troupe/cli/specs/add_openai_spec.hpp"
#include "troupe/models/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace troupe;

namespace {

using nlohmann::json;

std::shared_ptr<spec> make(json options, std::string model = "m") {
  spec_registry registry;
  add_openai_spec(registry);
  spec_config config;
  config.type = "openai";
  config.model = std::move(model);
  config.options = std::move(options);
  config.models = {
    {"m"}, {"embed"}, {"mine", access::admin}, {"open", access::open}};
  return (*registry.find("openai"))(config);
}

std::string refused(const json& options, std::string model = "m") {
  try {
    (void)make(options, std::move(model));
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
  return "taken";
}

bool has(const spec& s, std::string_view pattern) {
  return std::any_of(s.routes().begin(), s.routes().end(), [&](const auto& r) {
    return r.endpoint.pattern == pattern;
  });
}

} // namespace

TEST(add_openai_spec, makes_a_spec_of_an_entry) {
  auto chat = make(json::object());
  EXPECT_EQ(chat->name(), "openai");
  EXPECT_TRUE(has(*chat, "/v1/chat/completions"));
  EXPECT_FALSE(has(*chat, "/v1/embeddings"));
  auto both = make({{"embeddings", "embed"},
                    {"aliases", {"gpt-4o"}},
                    {"embedding_aliases", {"text-embedding-3-small"}},
                    {"max_n", 1},
                    {"max_inputs", 5},
                    {"calls_at_once", 3},
                    {"max_stream_bytes", 1000},
                    {"truncate_dimensions", true},
                    {"owned_by", "me"}});
  EXPECT_TRUE(has(*both, "/v1/embeddings"));
  auto alone = make({{"embeddings", "embed"}}, "");
  EXPECT_FALSE(has(*alone, "/v1/completions"));
  auto open = make({{"access", "public"}}, "open");
  EXPECT_EQ(open->routes()[0].endpoint.access, access::open);
}

TEST(add_openai_spec, takes_other_paths) {
  auto made = make({{"embeddings", "embed"},
                    {"any_model", true},
                    {"chat_path", "/chat"},
                    {"embeddings_path", "/embed"}});
  EXPECT_TRUE(has(*made, "/chat"));
  EXPECT_TRUE(has(*made, "/embed"));
  EXPECT_FALSE(has(*made, "/v1/chat/completions"));
  EXPECT_TRUE(has(*made, "/v1/completions"));
  EXPECT_EQ(refused({{"chat_path", "chat"}}),
            "options.chat_path: expected a path that starts with \"/\"");
  EXPECT_EQ(refused({{"embeddings_path", ""}}),
            "options.embeddings_path: expected a path that starts with \"/\"");
}

TEST(add_openai_spec, names_the_key_that_is_wrong) {
  EXPECT_EQ(refused({{"max_m", 1}}), "options.max_m: unknown option \"max_m\", "
                                     "did you mean \"max_n\"?");
  EXPECT_EQ(refused({{"max_n", "8"}}),
            "options.max_n: expected integer, got string");
  EXPECT_EQ(refused({{"max_n", 129}}),
            "options.max_n: expected an integer from 1 to 128");
  EXPECT_EQ(refused({{"max_n", 4294967297}}),
            "options.max_n: expected an integer from 1 to 128");
  EXPECT_EQ(refused({{"calls_at_once", 0}}),
            "options.calls_at_once: expected at least 1");
  EXPECT_EQ(refused({{"max_stream_bytes", 0}}),
            "options.max_stream_bytes: expected at least 1");
  EXPECT_EQ(refused({{"max_stream_bytes", -1}}).substr(0, 25),
            "options.max_stream_bytes:");
  EXPECT_EQ(refused({{"aliases", "gpt"}}),
            "options.aliases: expected array, got string");
  EXPECT_EQ(refused({{"embeddings", "embd"}}),
            "options.embeddings: unknown model \"embd\", did you mean "
            "\"embed\"?");
  EXPECT_EQ(refused(json::object(), ""),
            "model: expected the name of a model, here or in "
            "options.embeddings");
}

TEST(add_openai_spec, refuses_what_is_for_a_model_that_it_has_not_got) {
  for (const auto* key : {"max_n", "max_stream_bytes"})
    EXPECT_EQ(refused({{"embeddings", "embed"}, {key, 5}}, ""),
              std::string{"options."} + key
                + ": has no effect without \"model\"; set that, or take this "
                  "out");
}

TEST(add_openai_spec, opens_no_way_around_the_key_of_a_model) {
  EXPECT_EQ(refused(json::object(), "mine"),
            "model: the model's access is \"admin\", that of this spec is "
            "\"key\"; set options.access to \"admin\"");
  EXPECT_EQ(refused({{"embeddings", "mine"}}),
            "options.embeddings: the model's access is \"admin\", that of this "
            "spec is \"key\"; set options.access to \"admin\"");
  EXPECT_TRUE(refused({{"access", "public"}}).starts_with("model: "));
  EXPECT_EQ(refused({{"access", "all"}}),
            "options.access: expected \"public\", \"key\" or \"admin\"");
  auto made = make({{"access", "admin"}}, "mine");
  for (const auto& x : made->routes())
    EXPECT_EQ(x.endpoint.access, access::admin);
}
