#include "troupe/cli/program.hpp"

#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/cli/bench/command.hpp"
#include "troupe/cli/config/config.hpp"
#include "troupe/cli/config/reload/config_keeper.hpp"
#include "troupe/cli/config/reload/running_server.hpp"
#include "troupe/cli/early_signals.hpp"
#include "troupe/cli/make_server.hpp"
#include "troupe/cli/options/config_docs.hpp"
#include "troupe/cli/options/config_schema.hpp"
#include "troupe/cli/script/script_source.hpp"
#include "troupe/cli/sections/option_table.hpp"
#include "troupe/cli/worker/run_worker.hpp"
#include "troupe/cli/worker/worker_recipe.hpp"
#include "troupe/models/python/worker_archive.hpp"
#include "troupe/specs/input/nearest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

namespace {

using namespace std::string_view_literals;

constexpr int exit_fine = 0;
constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

/// For a running server to say what it serves.
constexpr std::chrono::seconds ask_timeout{10};

/// What the command line says.
struct arguments {
  std::string config = {};
  /// None or one each.
  std::vector<std::string> host = {};
  std::vector<std::string> port = {};
  std::vector<std::string> assignments = {};
  std::vector<std::string> join = {};
  std::vector<std::string> name = {};
  /// Of a script.
  std::vector<std::string> python = {};
  std::vector<std::string> script_arguments = {};
  std::vector<std::string> against = {};
  std::string folder = {};
  bool markdown = false;
};

/// The order on the command line is kept among `--set`s; `--host` and `--port`
/// come last.
std::vector<config_override> overrides_of(const arguments& args) {
  std::vector<config_override> result;
  for (const auto& x : args.assignments)
    result.push_back(config_override::parse(x));
  for (const auto& x : args.host)
    result.push_back({"server.host", x, "--host " + x});
  for (const auto& x : args.join)
    result.push_back({"cluster.join", x, "--join " + x});
  for (const auto& x : args.name)
    result.push_back({"cluster.name", x, "--name " + x});
  for (const auto& x : args.port) {
    result.push_back(config_override::parse("server.port=" + x));
    result.back().origin = "--port " + x;
  }
  return result;
}

/// Counts the rows of a rendered table: the lines above the first empty one
/// that hold a pattern.
std::size_t count_endpoints(const std::string& table) {
  std::istringstream in{table};
  std::size_t result = 0;
  for (std::string line; std::getline(in, line) && !line.empty();)
    if (line.find(" /") != std::string::npos)
      ++result;
  return result;
}

class program {
public:
  program(const program_parts& parts, std::ostream& out, std::ostream& err)
    : parts_(&parts), out_(&out), err_(&err) {
    app_.set_version_flag("--version", "troupe " TROUPE_VERSION);
    app_.require_subcommand(1);
    serve_ = add_command("serve", "Serve the models and specs of a config.");
    add_short(serve_, "--host", args_.host, "HOST");
    add_short(serve_, "--port", args_.port, "PORT");
    serve_->footer([] { return config_help(option_table()); });
    node_ = add_command("node", "Serve the models of a config to a front on "
                                "another machine.");
    node_
      ->add_option("--join", args_.join,
                   "Where the front lets nodes join: its cluster.listen")
      ->type_name("HOST:PORT")
      ->required()
      ->expected(1);
    node_->add_option("--name", args_.name, "Short for --set cluster.name=NAME")
      ->type_name("NAME")
      ->expected(1);
    add_short(node_, "--host", args_.host, "HOST");
    add_short(node_, "--port", args_.port, "PORT");
    check_ = add_command("check", "Find every error and every clash between "
                                  "endpoints, without starting.");
    check_
      ->add_option("--against", args_.against,
                   "Print what a reload of this config would change on a "
                   "running server; the admin key comes from the environment")
      ->type_name("http://HOST:PORT")
      ->expected(1);
    routes_ = add_command("routes", "Print the merged endpoint table.");
    plan_ = add_command("plan", "Print the config that a file for LitServe "
                                "stands for.");
    python_path_ = app_.add_subcommand(
      "python-path", "Unpack Troupe's Python packages and print where they "
                     "are, for PYTHONPATH: then a file for LitServe serves "
                     "itself.");
    python_path_
      ->add_option("FOLDER", args_.folder,
                   "Where to; the user's folder for caches if absent")
      ->type_name("");
    schema_ = app_.add_subcommand("schema", "Print the JSON Schema of configs, "
                                            "for editors.");
    // Run by a server, not by people.
    worker_ = app_.add_subcommand(worker_command, "Run a model for a server.");
    worker_->group("");
    // For the generated page in docs/.
    schema_->add_flag("--markdown", args_.markdown)->group("");
  }

  int run(int argc, const char* const* argv) {
    argc = cut_arguments(argc, argv);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::RequiredError& e) {
      // An unknown command is reported before a missing one.
      for (int i = 1; i < argc && app_.get_subcommands().empty(); ++i)
        if (std::string word = argv[i]; !word.starts_with('-'))
          return end(
            CLI::ExtrasError{unknown_name("command", word, names_of_commands()),
                             CLI::ExitCodes::ExtrasError});
      auto rest = app_.remaining();
      return rest.empty() ? end(e) : end(CLI::ExtrasError{rest});
    } catch (const CLI::ParseError& e) {
      return end(e);
    }
    try {
      return run_command();
    } catch (const config_error& e) {
      return fail(e, exit_usage);
    } catch (const script_error& e) {
      return fail(e, exit_usage);
    } catch (const conflict_error& e) {
      return fail(e, exit_usage);
    } catch (const std::invalid_argument& e) {
      // A malformed pattern of a spec.
      return fail(e, exit_usage);
    } catch (const start_error& e) {
      return fail(e, running_ ? exit_failure : exit_usage);
    } catch (const std::exception& e) {
      return fail(e, exit_failure);
    }
  }

private:
  /// Takes what comes after `--` for a script. @returns how much is left
  int cut_arguments(int argc, const char* const* argv) {
    const auto* end = argv + argc;
    const auto* mark =
      std::find_if(argv, end, [](const char* x) { return x == "--"sv; });
    if (mark == end)
      return argc;
    args_.script_arguments.assign(mark + 1, end);
    return static_cast<int>(mark - argv);
  }

  CLI::App* add_command(const char* name, const char* doc) {
    auto* result = app_.add_subcommand(name, doc);
    result
      ->add_option("CONFIG", args_.config,
                   "The config file, or a Python file that runs a LitServer; "
                   "its own arguments come after --")
      ->required()
      ->type_name("");
    result
      ->add_option("--python", args_.python,
                   "The interpreter of the Python file; else that of the "
                   "active environment, or python3")
      ->type_name("PROGRAM")
      ->expected(1);
    result
      ->add_option("--set", args_.assignments,
                   "Set a config key, whatever the file says; may be repeated")
      ->type_name("path.to.key=value")
      ->allow_extra_args(false);
    return result;
  }

  static void add_short(CLI::App* to, const std::string& name,
                        std::vector<std::string>& target,
                        const std::string& value) {
    to->add_option(name, target,
                   "Short for --set server." + name.substr(2) + '=' + value)
      ->type_name(value)
      ->expected(1);
  }

  std::vector<std::string> names_of_commands() {
    std::vector<std::string> result;
    for (const auto* x :
         app_.get_subcommands([](const CLI::App*) { return true; }))
      result.push_back(x->get_name());
    return result;
  }

  [[nodiscard]] script asked_for() const {
    return {args_.config, args_.python.empty() ? "" : args_.python.front(),
            args_.script_arguments};
  }

  /// Reads the config that the command line names, also while it is served.
  [[nodiscard]] loaded_config read_config_again() const {
    return load_config(read_source(asked_for(), *err_), overrides_of(args_),
                       parts_->models, parts_->specs);
  }

  /// Prints how the config differs from what a running server has.
  /// @returns 2 when the server would refuse it
  int compare_with_running(const loaded_config& config) {
    const auto at = parse_server_url(args_.against.front());
    auto key = config.server.admin_key();
    if (key.empty())
      if (const auto* set = std::getenv(config_draft::default_admin_key_env))
        key = set;
    const auto differs =
      compare(ask_for_config(at, key, ask_timeout), served_config_of(config));
    for (const auto& x : differs.changes)
      *out_ << x.text << '\n';
    if (differs.changes.empty())
      *out_ << args_.config << ": no difference\n";
    if (differs.needs_restart()) {
      *err_ << args_.config
            << ": a reload would be refused: some changes need a restart"
            << std::endl;
      return std::max(done(), exit_usage);
    }
    return done();
  }

  int print_plan() {
    if (!is_script(args_.config))
      throw script_error(args_.config
                         + ": expected a Python file that runs a "
                           "LitServer; a config is its own plan");
    *out_ << make_plan(asked_for(), *err_).config;
    return done();
  }

  int run_command() {
    if (parts_->signals != nullptr) {
      if (*serve_ || *node_)
        parts_->signals->watch();
      else
        parts_->signals->release();
    }
    if (!args_.script_arguments.empty() && args_.config.empty())
      throw script_error("-- is for the arguments of a Python file; this "
                         "command runs none");
    if (*worker_)
      return run_worker(parts_->models, *err_);
    if (bench_.chosen())
      return std::max(bench_.run(*out_, *err_), done());
    if (*schema_) {
      *out_ << (args_.markdown ? config_markdown(option_table())
                               : config_schema_text(option_table()));
      return done();
    }
    if (*python_path_) {
      *out_ << unpack_python_worker(args_.folder.empty() ? cache_folder()
                                                         : args_.folder)
            << '\n';
      return done();
    }
    if (*plan_)
      return print_plan();
    auto config = read_config_again();
    auto models = config.models.size();
    // Only what it was read from and the keys; specs and models go elsewhere.
    std::optional<loaded_config> compared;
    if (!args_.against.empty()) {
      compared.emplace();
      compared->server = config.server;
      compared->source = config.source;
      compared->files = config.files;
    }
    // For probes and metrics; several nodes may be on one machine.
    if (*node_ && !config.says_port)
      config.server.port = 0;
    auto link = std::make_shared<config_keeper>(
      config, [this] { return read_config_again(); }, parts_->models,
      parts_->specs);
    auto served = make_server(std::move(config));
    if (*serve_ || *node_) {
      served->manage(std::move(link));
      running_ = true;
      if (parts_->signals != nullptr)
        parts_->signals->hand_over();
      return served->run();
    }
    auto table = served->routes();
    if (*check_ && !args_.against.empty())
      return compare_with_running(*compared);
    if (*check_)
      *out_ << args_.config << ": ok: " << count_endpoints(table)
            << " endpoints, " << models << " models\n";
    else
      *out_ << table;
    return done();
  }

  /// Ends without a command: with help, say, or what is wrong.
  int end(const CLI::Error& e) {
    return app_.exit(e, *out_, *err_) == 0 ? done() : exit_usage;
  }

  int fail(const std::exception& e, int code) {
    *err_ << e.what() << std::endl;
    return code;
  }

  /// A result that could not be written, as to a full disk, is a failure.
  int done() {
    return out_->flush() ? exit_fine : exit_failure;
  }

  const program_parts* parts_;
  std::ostream* out_;
  std::ostream* err_;
  arguments args_;
  /// A failure from here on is not an error of the config.
  bool running_ = false;
  CLI::App app_{"Serves models over HTTP.", "troupe"};
  CLI::App* serve_ = nullptr;
  CLI::App* node_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* routes_ = nullptr;
  CLI::App* plan_ = nullptr;
  CLI::App* python_path_ = nullptr;
  CLI::App* schema_ = nullptr;
  CLI::App* worker_ = nullptr;
  load::bench_command bench_{app_, TROUPE_VERSION};
};

} // namespace

int run_program(int argc, const char* const* argv, const program_parts& parts,
                std::ostream& out, std::ostream& err) {
  return program{parts, out, err}.run(argc, argv);
}

} // namespace troupe
