#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::bench {

double median(std::vector<double> xs);

/// How the load generator did while a figure was taken.
struct loader_state {
  /// More than this share of late requests makes a round a disturbed one.
  static constexpr double most_late = 0.01;

  /// The share of an open loop's requests that were sent late or waited for a
  /// connection: of the worst round.
  double late = 0;
  /// Cores that it kept busy: in the busiest turn.
  double cpu = 0;

  void merge(const loader_state& other);
};

/// A figure of each round.
struct series {
  series() = default;

  /*implicit*/ series(std::vector<double> xs) : rounds(std::move(xs)) {
    // nop
  }

  void add(double x, const loader_state& state);

  std::vector<double> rounds = {};
  /// Of all rounds; nothing when nobody looked.
  std::optional<loader_state> loader = {};
};

/// What a program of this folder found: figures, each with the target it is
/// held against, if there is one. Printed as they come; written as JSON at the
/// end when the command line has `--json FILE`, together with what made them
/// (compiler, flags, commit, machine).
class results {
public:
  enum class wanted { at_most, at_least };

  struct target {
    wanted direction;
    double value;
  };

  static target at_most(double x) {
    return {wanted::at_most, x};
  }

  static target at_least(double x) {
    return {wanted::at_least, x};
  }

  /// Takes `--json FILE` out of the arguments.
  results(std::string program, int& argc, char** argv);

  /// Writes the file. A failure to write is told on stderr.
  ~results();

  results(const results&) = delete;
  results& operator=(const results&) = delete;

  /// A figure that was taken once.
  void add(const std::string& name, double value, const std::string& unit,
           std::optional<target> goal = {});

  /// The median of rounds, which are kept, too.
  /// @param unit empty for a ratio.
  void add_rounds(const std::string& name, const series& all,
                  const std::string& unit, std::optional<target> goal = {});

  void add_ratio(const std::string& name, const series& all,
                 std::optional<target> goal = {}) {
    add_rounds(name, all, "", goal);
  }

private:
  void add_row(nlohmann::ordered_json row, std::optional<target> goal);

  std::string program_;
  std::string file_;
  nlohmann::ordered_json rows_ = nlohmann::ordered_json::array();
};

} // namespace troupe::bench
