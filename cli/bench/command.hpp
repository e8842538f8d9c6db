#pragma once

#include <iosfwd>
#include <memory>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace troupe::load {

/// `troupe bench`: its options, and the run.
class bench_command {
public:
  /// Adds the subcommand `bench` to `app`, which must outlive this.
  bench_command(CLI::App& app, std::string version);
  ~bench_command();

  /// Whether the command line named it.
  [[nodiscard]] bool chosen() const;

  /// Blocks until the measurement is over; the first SIGINT ends it early with
  /// what there is, the second ends the program. Results go to `out`, progress
  /// to `err` when that is a terminal.
  /// @returns 0; 1 when nothing was answered well, a search found no rate, or a
  ///   comparison shows a loss beyond what was allowed.
  /// @throws std::invalid_argument for options that make no sense,
  ///   std::runtime_error for what can't be reached.
  int run(std::ostream& out, std::ostream& err);

private:
  struct arguments;

  /// Refuses what a comparison, or a measurement, would ignore.
  void check_options() const;
  int run_comparison(std::ostream& out) const;

  std::string version_;
  std::unique_ptr<arguments> args_;
  CLI::App* command_ = nullptr;
};

} // namespace troupe::load
