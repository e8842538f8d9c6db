#include "troupe/models/llama/llama_memory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <llama.h>
#include <sstream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

// -- what is wanted -----------------------------------------------------------

/// The library rounds the number of tokens in its cache up to a multiple.
constexpr double cache_padding = 256;

constexpr double bytes_of_half = 2;
constexpr double bytes_of_float = 4;

/// Returns a number of the model's file, or `otherwise`.
std::int32_t file_number(const llama_weights& weights, const char* key,
                         std::int32_t otherwise) {
  std::array<char, 128> name{};
  if (llama_model_meta_val_str(weights.get(), "general.architecture",
                               name.data(), name.size())
      < 0)
    return otherwise;
  auto path = std::string{name.data()} + '.' + key;
  std::array<char, 32> text{};
  auto n = llama_model_meta_val_str(weights.get(), path.c_str(), text.data(),
                                    text.size());
  std::int32_t result = 0;
  if (n < 0
      || std::from_chars(text.data(), text.data() + text.size(), result).ec
           != std::errc{}
      || result <= 0)
    return otherwise;
  return result;
}

// -- what is there ------------------------------------------------------------

std::optional<double> number_of(const std::string& text) {
  double result = 0;
  auto [end, ec] =
    std::from_chars(text.data(), text.data() + text.size(), result);
  if (ec != std::errc{} || result < 0)
    return std::nullopt;
  return result;
}

std::optional<double> number_in(const fs::path& file) {
  std::ifstream in{file};
  std::string word;
  in >> word;
  return number_of(word);
}

/// Returns the number behind a word, in a file with both on each line.
std::optional<double> number_behind(const fs::path& file,
                                    std::string_view word) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::istringstream parts{line};
    std::string key;
    std::string value;
    if (parts >> key >> value && key == word)
      return number_of(value);
  }
  return std::nullopt;
}

/// The files of a version of control groups.
struct group_files {
  const char* folder;
  const char* limit;
  const char* usage;
  /// Of `memory.stat`: files that the group has in memory.
  std::array<const char*, 2> cached;
};

constexpr group_files version1{"sys/fs/cgroup/memory",
                               "memory.limit_in_bytes",
                               "memory.usage_in_bytes",
                               {"total_active_file", "total_inactive_file"}};

constexpr group_files version2{"sys/fs/cgroup",
                               "memory.max",
                               "memory.current",
                               {"active_file", "inactive_file"}};

/// What a group's limit leaves; nothing when it has none ("max").
std::optional<double> left_of(const fs::path& group, const group_files& files) {
  auto limit = number_in(group / files.limit);
  auto usage = number_in(group / files.usage);
  if (!limit || !usage)
    return std::nullopt;
  for (const auto* key : files.cached)
    *usage -= number_behind(group / "memory.stat", key).value_or(0);
  return std::max(0.0, *limit - std::max(0.0, *usage));
}

/// What the limits of a group and of those around it leave. A container often
/// sees its own group as the root, so one that is not there is skipped.
std::optional<double> left_around(const fs::path& root, std::string group,
                                  const group_files& files) {
  std::optional<double> result;
  for (;;) {
    auto left =
      left_of(root / files.folder / fs::path{group}.relative_path(), files);
    if (left)
      result = std::min(*left, result.value_or(*left));
    if (group.find_first_not_of('/') == std::string::npos)
      return result;
    auto last = group.rfind('/');
    group.erase(last != std::string::npos ? last : 0);
  }
}

/// Returns whether a list "a,b,c" has an element.
bool has_element(const std::string& list, std::string_view element) {
  std::istringstream in{list};
  for (std::string x; std::getline(in, x, ',');)
    if (x == element)
      return true;
  return false;
}

std::string in_mib(double bytes) {
  return std::to_string(static_cast<std::uint64_t>(bytes / (1 << 20))) + " MiB";
}

} // namespace

llama_sizes sizes_of(const llama_weights& weights) {
  const auto* model = weights.get();
  llama_sizes result;
  if (!llama_model_is_recurrent(model) && !llama_model_is_hybrid(model))
    result.layers = llama_model_n_layer(model);
  result.heads = llama_model_n_head(model);
  result.kept_heads = llama_model_n_head_kv(model);
  result.embedding = llama_model_n_embd(model);
  auto usual = result.heads > 0 ? result.embedding / result.heads : 0;
  result.key_length = file_number(weights, "attention.key_length", usual);
  result.value_length = file_number(weights, "attention.value_length", usual);
  result.feed_forward =
    file_number(weights, "feed_forward_length", 4 * result.embedding);
  result.vocabulary = weights.vocabulary_size();
  return result;
}

double llama_bytes(const llama_sizes& sizes,
                   const llama_engine_options& options) noexcept {
  auto padded = [](double tokens) {
    auto blocks = static_cast<std::int64_t>((tokens - 1) / cache_padding) + 1;
    return static_cast<double>(blocks) * cache_padding;
  };
  double sequences = options.sequences;
  // Of one cache; without a shared one each sequence has its own.
  auto tokens = options.shared_cache ? padded(sequences * options.context)
                                     : padded(options.context);
  auto caches = options.shared_cache ? 1 : sequences;
  auto kept = tokens * caches * sizes.layers * sizes.kept_heads
              * (double{1} * sizes.key_length + sizes.value_length)
              * bytes_of_half;
  double run = std::min(options.batch_tokens, max_llama_ubatch);
  // Scores of each token against all that are kept, and the mask.
  auto scores =
    sizes.layers > 0 ? tokens * run * (sizes.heads + 1.0) * bytes_of_float : 0;
  auto activations =
    run * (6.0 * sizes.embedding + 3.0 * sizes.feed_forward) * bytes_of_float;
  // Where they are computed, and where they are kept.
  auto logits = 2 * sequences * sizes.vocabulary * bytes_of_float;
  return kept + scores + activations + logits;
}

std::optional<double> free_memory(const fs::path& root) {
  auto result = number_behind(root / "proc/meminfo", "MemAvailable:");
  if (result)
    *result *= 1024;
  auto at_most = [&](std::optional<double> x) {
    if (x)
      result = std::min(*x, result.value_or(*x));
  };
  // Lines ID:CONTROLLERS:PATH (cgroups(7)); version 2 names no controllers.
  std::ifstream in{root / "proc/self/cgroup"};
  for (std::string line; std::getline(in, line);) {
    auto first = line.find(':');
    auto second = line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    auto controllers = line.substr(first + 1, second - first - 1);
    auto group = line.substr(second + 1);
    if (controllers.empty())
      at_most(left_around(root, group, version2));
    else if (has_element(controllers, "memory"))
      at_most(left_around(root, group, version1));
  }
  return result;
}

void expect_room(const llama_sizes& sizes, const llama_engine_options& options,
                 double there) {
  auto wanted = llama_bytes(sizes, options);
  if (wanted <= there)
    return;
  auto apart = options;
  apart.shared_cache = false;
  throw llama_error(std::to_string(options.sequences) + " sequences of "
                    + std::to_string(options.context) + " tokens take "
                    + in_mib(wanted + (1 << 20)) + " of memory, "
                    + in_mib(there)
                    + " can be had: lower options.context or options.sequences"
                    + (llama_bytes(sizes, apart) <= there
                         ? ", or set options.shared_cache to false"
                         : ""));
}

} // namespace troupe
