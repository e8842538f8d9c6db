#include "troupe/http/builtins/process_metrics.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace troupe {

namespace {

/// Of `proc/self/stat`, see proc(5).
struct stat_fields {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  /// Since the machine's start.
  std::uint64_t start_ticks = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

std::optional<stat_fields> read_stat(const std::filesystem::path& proc) {
  std::ifstream file{proc / "self/stat"};
  std::string line;
  if (!std::getline(file, line))
    return std::nullopt;
  // The name in front may have spaces and parentheses.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos)
    return std::nullopt;
  std::istringstream rest{line.substr(name_end + 1)};
  using iterator = std::istream_iterator<std::string>;
  const std::vector<std::string> words(iterator{rest}, iterator{});
  // The state, field 3 of the manual, is the first of these.
  constexpr std::size_t first = 3;
  constexpr std::size_t last_used = 24;
  if (words.size() <= last_used - first)
    return std::nullopt;
  auto field = [&](std::size_t n) {
    return std::strtoull(words[n - first].c_str(), nullptr, 10);
  };
  return stat_fields{field(14), field(15), field(20),
                     field(22), field(23), field(24)};
}

/// When the machine started, in seconds since 1970.
std::optional<double> boot_time(const std::filesystem::path& proc) {
  std::ifstream file{proc / "stat"};
  std::string word;
  while (file >> word)
    if (double result = 0; word == "btime" && file >> result)
      return result;
  return std::nullopt;
}

std::optional<std::uint64_t> open_files(const std::filesystem::path& proc) {
  std::error_code error;
  std::uint64_t result = 0;
  std::filesystem::directory_iterator i{proc / "self/fd", error};
  for (; !error && i != std::filesystem::directory_iterator{};
       i.increment(error))
    ++result;
  // The one that this look has open.
  return error || result == 0 ? std::nullopt : std::optional{result - 1};
}

} // namespace

void add_process(metrics_writer& out, const std::filesystem::path& proc) {
  auto gauge = [&out](std::string_view name, std::string_view help,
                      auto value) {
    out.family(name, "gauge", help);
    out.sample({}, value);
  };
  if (const auto x = read_stat(proc)) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    out.family("process_cpu_seconds_total", "counter",
               "CPU time of the process, in user and system mode.");
    out.sample({},
               static_cast<double>(x->user_ticks + x->system_ticks) / ticks);
    gauge("process_resident_memory_bytes",
          "Memory that the process has in RAM.", x->resident_pages * page);
    gauge("process_virtual_memory_bytes", "Virtual memory of the process.",
          x->virtual_bytes);
    gauge("process_threads", "Threads of the process.", x->threads);
    if (const auto boot = boot_time(proc))
      gauge("process_start_time_seconds",
            "When the process started, in seconds since 1970.",
            *boot + static_cast<double>(x->start_ticks) / ticks);
  }
  if (const auto n = open_files(proc))
    gauge("process_open_fds", "Files and sockets that the process has open.",
          *n);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    gauge("process_max_fds", "Files and sockets that it may have open.",
          std::uint64_t{limit.rlim_cur});
}

} // namespace troupe
