#include "troupe/cli/specs/add_mcp_spec.hpp"
#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class mcp_entry : public config_fixture {
public:
  mcp_entry() {
    add_mcp_spec(specs_);
    setenv("TROUPE_SHUTDOWN_KEY", "admin-key", 1);
  }

  ~mcp_entry() override {
    unsetenv("TROUPE_SHUTDOWN_KEY");
  }

  /// A config with two models and an mcp spec with these options.
  static std::string with(const std::string& options,
                          const std::string& more = "") {
    return R"({"models": [{"name": "square", "type": "dummy"},
      {"name": "secret", "type": "dummy", "access": "admin"}],
"specs": [{"type": "mcp", )"
           + more + R"("options": )" + options + "}]}";
  }

  /// One tool with these keys.
  static std::string tool(const std::string& keys) {
    return with(R"({"tools": [{)" + keys + "}]}");
  }

  /// What is wrong, without the place in the file, if it is one thing.
  std::string error(std::string_view text) {
    auto found = errors(text);
    if (found.size() != 1)
      return std::to_string(found.size()) + " errors";
    return found[0].substr(found[0].find("error: ") + 7);
  }
};

const std::string good_tool = R"("model": "square", "description": "d",
  "input_schema": {"type": "object"})";

} // namespace

TEST_F(mcp_entry, makes_a_spec) {
  auto config = load(with(R"({"name": "maths", "version": "3",
    "instructions": "i", "path": "/tools", "access": "admin",
    "allowed_origins": ["https://a.example"], "max_stream_bytes": 10,
    "tools": [{"name": "sq", "title": "t",
      "arguments": {"stream": false}, "output_schema": {"type": "object"}, )"
                            + good_tool + "}]}",
                          R"("prefix": "/x", "on_conflict": "keep-first", )"));
  ASSERT_EQ(config.specs.size(), 1U);
  auto* made = dynamic_cast<mcp_spec*>(config.specs[0].spec.get());
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->prefix, "/x");
  const auto& x = made->options();
  EXPECT_EQ(x.name, "maths");
  EXPECT_EQ(x.version, "3");
  EXPECT_EQ(x.instructions, "i");
  EXPECT_EQ(x.access, access::admin);
  EXPECT_EQ(x.max_stream_bytes, 10U);
  EXPECT_EQ(x.allowed_origins, (std::vector<std::string>{"https://a.example"}));
  ASSERT_EQ(x.tools.size(), 1U);
  EXPECT_EQ(x.tools[0].name, "sq");
  EXPECT_EQ(x.tools[0].title, "t");
  EXPECT_EQ(x.tools[0].arguments, nlohmann::json({{"stream", false}}));
  EXPECT_EQ(x.tools[0].description, "d");
  EXPECT_EQ(x.tools[0].output_schema["type"], "object");
  const auto& e = made->routes()[0].endpoint;
  EXPECT_EQ(e.pattern, "/tools");
  EXPECT_EQ(e.on_conflict, conflict_policy::keep_first);
}

TEST_F(mcp_entry, names_the_nearest_model) {
  EXPECT_EQ(error(tool(R"("model": "sqare", "description": "d",
    "input_schema": {"type": "object"})")),
            "specs.0.options.tools.0.model: unknown model \"sqare\", did you "
            "mean \"square\"?");
}

TEST_F(mcp_entry, names_the_key_that_is_wrong) {
  EXPECT_EQ(error(with(R"({"tols": []})")),
            "specs.0.options.tols: unknown option \"tols\", did you mean "
            "\"tools\"?");
  EXPECT_EQ(error(tool(good_tool + R"(, "titel": "t")")),
            "specs.0.options.tools.0.titel: unknown option \"titel\", did you "
            "mean \"title\"?");
  EXPECT_EQ(error(with(R"({"tools": 1})")),
            "specs.0.options.tools: expected array, got number");
  EXPECT_EQ(error(with(R"({"tools": [1]})")),
            "specs.0.options.tools.0: expected object, got number");
  EXPECT_EQ(
    error(with(R"({"max_stream_bytes": -1, "tools": []})")).substr(0, 33),
    "specs.0.options.max_stream_bytes:");
  EXPECT_EQ(error(with(R"({"access": "all", "tools": []})")),
            "specs.0.options.access: expected \"public\", \"key\" or "
            "\"admin\"");
  EXPECT_EQ(error(with("{}")),
            "specs.0.options.tools: expected at least one tool");
  EXPECT_TRUE(
    error(tool(R"("model": "square")"))
      .starts_with("specs.0.options.tools.0.description: expected what the "
                   "tool does"));
  EXPECT_TRUE(
    error(tool(R"("model": "square", "description": "d",
    "input_schema": {"type": "object", "required": 1})"))
      .starts_with("specs.0.options.tools.0.input_schema.required: expected"));
  EXPECT_TRUE(error(tool(good_tool + R"(, "arguments": [1])"))
                .starts_with("specs.0.options.tools.0.arguments: expected"));
  EXPECT_TRUE(
    error(with(R"({"tools": [{)" + good_tool + "}]}", R"("model": "square", )"))
      .starts_with("specs.0.model: an mcp spec serves its tools' models"));
}

TEST_F(mcp_entry, opens_no_way_around_a_models_key) {
  const std::string keys = R"({"tools": [{"model": "secret",
    "description": "d", "input_schema": {"type": "object"}}])";
  EXPECT_EQ(error(with(keys + "}")),
            "specs.0.options.tools.0.model: the model's access is \"admin\", "
            "that of this spec is \"key\"; set options.access to \"admin\"");
  EXPECT_EQ(load(with(keys + R"(, "access": "admin"})")).specs.size(), 1U);
}

} // namespace troupe
