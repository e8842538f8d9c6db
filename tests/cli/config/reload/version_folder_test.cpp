#include "troupe/cli/config/reload/version_folder.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class version_folder_test : public config_fixture {
public:
  static void put(const std::string& file) {
    std::filesystem::create_directories(
      std::filesystem::path{file}.parent_path());
    write(file, "x");
  }

  /// What is wrong, or "".
  static std::string fault_of(const std::string& version = {}) {
    try {
      version_file("m", version);
      return {};
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
  }
};

TEST_F(version_folder_test, has_versions_by_number) {
  EXPECT_EQ(versions_in("m"), lines{}) << "no folder";
  put("m/10/model.onnx");
  put("m/9/model.onnx");
  put("m/09/model.onnx");
  put("m/v2/model.onnx");
  put("m/11");
  EXPECT_EQ(versions_in("m"), (lines{"9", "10"}));
  EXPECT_EQ(version_file("m", ""), "m/10/model.onnx");
  EXPECT_EQ(version_file("m", "9"), "m/9/model.onnx");
}

TEST_F(version_folder_test, has_one_file_in_a_version) {
  put("m/1/weights.bin");
  EXPECT_EQ(version_file("m", "1"), "m/1/weights.bin");
  put("m/1/notes.txt");
  EXPECT_EQ(fault_of("1"), "expected one file in m/1, or one that is called "
                           "model with an extension, found 2 files");
  put("m/1/model.bin");
  EXPECT_EQ(version_file("m", "1"), "m/1/model.bin");
  EXPECT_EQ(fault_of("2"), "there is no version \"2\" in m; known here: \"1\"");
}

TEST_F(version_folder_test, is_the_path_of_a_model) {
  put("m/1/model.bin");
  put("m/2/model.bin");
  const auto* entry = R"({"models": [{"name": "m", "type": "dummy",
    "path": "m"}]})";
  auto config = load(entry);
  EXPECT_EQ(seen_.back().path, "m/2/model.bin");
  EXPECT_EQ(config.files["m"], "m/2/model.bin");
  load(entry, {"models.m.version=\"1\""});
  EXPECT_EQ(seen_.back().path, "m/1/model.bin");
  auto found = errors(entry, {"models.m.version=\"3\""});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("there is no version \"3\""), std::string::npos);
  found = errors(R"({"models": [{"name": "m", "type": "dummy",
    "path": "m/1/model.bin", "version": "1"}]})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("leave it out"), std::string::npos) << found[0];
}

} // namespace

} // namespace troupe
