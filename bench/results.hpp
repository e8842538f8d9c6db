#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::bench {

double median(std::vector<double> xs);

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

  /// @param unit empty for a ratio.
  void add(const std::string& name, double value, const std::string& unit,
           std::optional<target> goal = {});

  /// The median of ratios of single rounds, which are kept, too.
  void add_ratio(const std::string& name, const std::vector<double>& rounds,
                 std::optional<target> goal = {});

private:
  void add_row(nlohmann::ordered_json row, std::optional<target> goal);

  std::string program_;
  std::string file_;
  nlohmann::ordered_json rows_ = nlohmann::ordered_json::array();
};

} // namespace troupe::bench
