#include "troupe/cli/worker/worker_recipe.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace troupe {

namespace {

constexpr unsigned most_processors = 1024;

unsigned parse_number(std::string_view text, std::string_view all) {
  unsigned result = 0;
  auto [end, ec] =
    std::from_chars(text.data(), text.data() + text.size(), result);
  if (ec != std::errc{} || end != text.data() + text.size()
      || result >= most_processors)
    throw std::invalid_argument("expected processors from 0 to 1023 as 0-3,8, "
                                "got \""
                                + std::string{all} + "\"");
  return result;
}

} // namespace

process_recipe recipe_for(const model_config& config,
                          const process_options& options,
                          const std::filesystem::path& plugin) {
  auto result = recipe_of(config, options);
  // The program that runs, also when its file was replaced meanwhile.
  result.command.argv = {"/proc/self/exe", worker_command};
  result.trusted = true;
  if (!plugin.empty())
    result.start.settings[plugin_setting] =
      std::filesystem::absolute(plugin).string();
  return result;
}

std::vector<unsigned> parse_processors(std::string_view text) {
  std::vector<unsigned> result;
  auto left = text;
  while (!left.empty()) {
    const auto end = std::min(left.find(','), left.size());
    auto range = left.substr(0, end);
    const auto dash = range.find('-');
    const auto first = parse_number(range.substr(0, dash), text);
    const auto last = dash == std::string_view::npos
                        ? first
                        : parse_number(range.substr(dash + 1), text);
    if (last < first)
      throw std::invalid_argument("the range " + std::string{range}
                                  + " ends before it begins");
    for (auto x = first; x <= last; ++x)
      result.push_back(x);
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return result;
}

} // namespace troupe
