#include "troupe/cli/bench/command.hpp"

#include "troupe/cli/bench/interrupt.hpp"
#include "troupe/cli/bench/load/probe.hpp"
#include "troupe/cli/bench/report/comparison.hpp"
#include "troupe/cli/bench/report/html_report.hpp"
#include "troupe/cli/bench/report/json_report.hpp"
#include "troupe/cli/bench/report/text_report.hpp"
#include "troupe/cli/bench/run/plan.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <ostream>
#include <stdexcept>
#include <unistd.h>

namespace troupe::load {

namespace {

void write_file(const std::string& path, const std::string& text) {
  if (path.empty())
    return;
  std::ofstream out{path, std::ios::binary};
  out << text;
  if (!out.flush())
    throw std::runtime_error(path + ": cannot be written");
}

/// Before the measurement, not after it.
void check_writable(const std::string& path) {
  if (!path.empty() && !std::ofstream{path, std::ios::app})
    throw std::invalid_argument(path + ": cannot be written");
}

/// One line on a terminal that is written over, so that a log stays clean.
class progress {
public:
  explicit progress(std::ostream& err)
    : err_(&err), shown_(isatty(STDERR_FILENO) != 0) {
    // nop
  }

  void level(const load_level& x, bool open_loop) {
    name_ = open_loop ? number_text(x.rate) + " req/s"
                      : std::to_string(x.connections) + " connections";
    count_ = 0;
    show(name_ + ": warm-up");
  }

  void window(const window_summary& x, double percentile) {
    ++count_;
    show(name_ + ": window " + std::to_string(count_) + ": "
         + number_text(x.rate) + " req/s, p" + number_text(percentile) + ' '
         + duration_text(x.latency)
         + (x.errors == 0 ? "" : ", " + std::to_string(x.errors) + " errors"));
  }

  void done() {
    if (shown_)
      *err_ << "\r\x1b[K" << std::flush;
  }

private:
  void show(const std::string& line) {
    if (shown_)
      *err_ << "\r\x1b[K" << line << std::flush;
  }

  std::ostream* err_;
  bool shown_;
  std::string name_;
  std::size_t count_ = 0;
};

} // namespace

struct bench_command::arguments {
  plan_arguments plan = {};
  std::string json_file = {};
  std::string csv_file = {};
  std::string html_file = {};
  std::vector<std::string> compare_files = {};
  double max_loss = 0;
};

bench_command::bench_command(CLI::App& app, std::string version)
  : version_(std::move(version)), args_(std::make_unique<arguments>()) {
  auto& a = *args_;
  command_ = app.add_subcommand(
    "bench", "Measure an HTTP server under load: any server, not only ours.");
  add_plan_options(*command_, a.plan);
  auto output = [&](const char* name, std::string& file, const char* doc) {
    command_->add_option(name, file, doc)->type_name("FILE")->group("Output");
  };
  output("--json", a.json_file, "Write everything that was measured");
  output("--csv", a.csv_file, "Write a row for each level");
  output("--html", a.html_file, "Write a page with plots, one file");
  command_
    ->add_option("--compare", a.compare_files,
                 "Compare two JSON reports instead of measuring")
    ->type_name("BEFORE AFTER")
    ->expected(2)
    ->group("Output");
  command_
    ->add_option(
      "--max-loss", a.max_loss,
      "With --compare: exit with 1 when rate, p50, p99 or the errors "
      "of a level, or the rate that a search found, are worse by "
      "more than this share, as 0.1")
    ->type_name("SHARE")
    ->check(CLI::PositiveNumber)
    ->group("Output");
  command_->footer(plan_examples());
}

bench_command::~bench_command() {
  // nop
}

bool bench_command::chosen() const {
  return command_->parsed();
}

void bench_command::check_options() const {
  auto compares = !args_->compare_files.empty();
  for (const auto* x : command_->get_options()) {
    auto name = x->get_name();
    auto of_comparison = name == "--max-loss" || name == "--compare";
    if (x->count() == 0 || of_comparison == compares)
      continue;
    throw std::invalid_argument(
      compares ? name + " has no effect on --compare, which does not measure"
               : name + " needs --compare BEFORE AFTER");
  }
}

int bench_command::run_comparison(std::ostream& out) const {
  const auto& files = args_->compare_files;
  auto before = load_report(files[0]);
  auto after = load_report(files[1]);
  comparison result;
  try {
    result = compare(before, after);
  } catch (const nlohmann::json::exception& e) {
    throw std::invalid_argument(files[0] + " and " + files[1]
                                + ": a key of a report is missing: "
                                + e.what());
  }
  out << "before: " << files[0] << "\nafter:  " << files[1] << '\n'
      << result.text;
  if (result.levels == 0)
    return 1;
  if (args_->max_loss > 0 && result.worst > args_->max_loss) {
    out << "worse by " << number_text(result.worst * 100)
        << " %, more than the " << number_text(args_->max_loss * 100)
        << " % of --max-loss\n";
    return 1;
  }
  return 0;
}

int bench_command::run(std::ostream& out, std::ostream& err) {
  check_options();
  if (!args_->compare_files.empty())
    return run_comparison(out);
  auto options = make_plan(args_->plan);
  for (const auto& x : {args_->json_file, args_->csv_file, args_->html_file})
    check_writable(x);
  auto first = probe(options.engine);
  // That was a request, too.
  ++options.engine.request.first_number;
  if (first.status >= 400) {
    // What a server sent must not drive the terminal.
    std::string room;
    err << "warning: the first answer was " << first.status << ' '
        << printable(first.text, room) << std::endl;
  }
  interrupt_guard interrupt;
  progress line{err};
  run_observer observer;
  observer.on_level = [&](const load_level& x) {
    line.level(x, options.open_loop);
  };
  observer.on_window = [&](const load_level&, const window_summary& x) {
    line.window(x, options.stability_percentile);
  };
  observer.interrupted = [&] { return interrupt.seen(); };
  auto facts = facts_of(options, args_->plan.url, version_);
  auto result = load::run(options, observer);
  line.done();
  auto report = json_report(facts, options, result);
  out << text_report(report);
  write_file(args_->json_file, report.dump(1) + '\n');
  write_file(args_->csv_file, csv_report(report));
  write_file(args_->html_file, html_report(report));
  auto answered = false;
  for (const auto& x : result.levels)
    answered = answered || x.stats.latency.count() > 0;
  auto found = !options.bound || result.best_rate || result.interrupted;
  return answered && found ? 0 : 1;
}

} // namespace troupe::load
