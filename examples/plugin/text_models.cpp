// Two model types of your own for the program `troupe`, in a shared library.
#include "troupe/models/plugin/plugin.hpp"

#include <cctype>
#include <span>
#include <string>
#include <vector>

namespace {

/// Says it louder. `configure` reads the entry of the config once, and also for
/// `troupe check`; each worker gets what it returns.
class shout {
public:
  struct settings {
    std::string mark = "!";
  };

  static settings configure(const troupe::model_config& config) {
    settings result;
    troupe::option_reader{config.options}.read("mark", result.mark).done();
    troupe::expect_no_path(config, config.type);
    return result;
  }

  explicit shout(settings x) : settings_(std::move(x)) {
    // nop
  }

  std::string predict(const std::string& text) {
    std::string result;
    for (auto c : text)
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return result + settings_.mark;
  }

private:
  settings settings_;
};

/// Counts words, of a batch of texts at a time. It has no options.
struct word_count {
  std::vector<int> predict(std::span<const std::string> texts) {
    std::vector<int> result;
    for (const auto& text : texts) {
      auto words = 0;
      auto inside = false;
      for (auto c : text) {
        const auto is_space = std::isspace(static_cast<unsigned char>(c)) != 0;
        words += !is_space && !inside ? 1 : 0;
        inside = !is_space;
      }
      result.push_back(words);
    }
    return result;
  }
};

} // namespace

TROUPE_MODEL(shout, shout)
TROUPE_MODEL("word-count", word_count)
