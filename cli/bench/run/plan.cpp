#include "troupe/cli/bench/run/plan.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <type_traits>

namespace troupe::load {

namespace {

using std::chrono::nanoseconds;

/// Runs `f`; what it refuses is told with the option's name.
template <class F>
auto naming(const std::string& option, F f) {
  try {
    return f();
  } catch (const std::invalid_argument& e) {
    throw std::invalid_argument(option + ": " + e.what());
  }
}

nanoseconds duration_of(const std::string& option, const std::string& text,
                        bool may_be_zero = false) {
  auto result = naming(option, [&] { return parse_duration(text); });
  if (result == nanoseconds::zero() && !may_be_zero)
    throw std::invalid_argument(option + ": must be above 0");
  return result;
}

std::string data_of(const std::string& text) {
  return !text.empty() && text.front() == '@' ? read_file(text.substr(1))
                                              : text;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::istringstream in{read_file(path)};
  std::vector<std::string> result;
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      result.push_back(line);
  if (result.empty())
    throw std::invalid_argument(path + ": there is no line to send");
  return result;
}

std::string guessed_type(const std::string& body) {
  auto first = body.find_first_not_of(" \t\r\n");
  auto json =
    first != std::string::npos && (body[first] == '{' || body[first] == '[');
  return json ? "application/json" : "application/octet-stream";
}

std::pair<std::string, std::string> header_of(const std::string& text) {
  auto colon = text.find(':');
  if (colon == 0 || colon == std::string::npos)
    throw std::invalid_argument("--header: '" + text
                                + "': expected a header such as 'Accept: "
                                  "text/event-stream'");
  auto value = text.find_first_not_of(" \t", colon + 1);
  return {text.substr(0, colon),
          value == std::string::npos ? "" : text.substr(value)};
}

void fill_request(const request_arguments& args, request_options& request) {
  auto kinds = (args.data.empty() ? 0 : 1) + (args.lines_file.empty() ? 0 : 1)
               + (args.form.empty() ? 0 : 1);
  if (kinds > 1)
    throw std::invalid_argument("--data, --data-lines and --form: give one of "
                                "them");
  if (args.templates && !args.form.empty())
    throw std::invalid_argument("--template does not fill in --form; write the "
                                "body by --data @FILE");
  request.method = args.method;
  request.templates = args.templates;
  for (const auto& x : args.headers)
    request.headers.push_back(header_of(x));
  for (const auto& x : args.data)
    request.bodies.push_back(naming("--data", [&] { return data_of(x); }));
  if (!args.lines_file.empty())
    request.bodies =
      naming("--data-lines", [&] { return lines_of(args.lines_file); });
  if (!args.form.empty()) {
    std::vector<form_field> fields;
    for (const auto& x : args.form)
      fields.push_back(naming("--form", [&] { return form_field::parse(x); }));
    auto [body, type] = multipart_body(fields);
    request.bodies.push_back(std::move(body));
    request.content_type = std::move(type);
  } else if (!request.bodies.empty()) {
    request.content_type = guessed_type(request.bodies.front());
  }
  naming("the request", [&] { return request_source{request}; });
}

std::vector<double> rates_of(const plan_arguments& args) {
  constexpr auto whole_range = "10:1000000";
  const std::string text = args.rate.empty() ? whole_range : args.rate;
  if (!args.search.empty()
      && (text.find(',') != std::string::npos
          || std::count(text.begin(), text.end(), ':') > 1))
    throw std::invalid_argument("'" + text
                                + "': --search takes a range such as "
                                  "100:50000");
  return parse_levels(text);
}

/// An option that would be ignored is refused: it is a misunderstanding.
void check_needs(const plan_arguments& args, bool open_loop) {
  auto refuse_if = [](bool ignored, const char* why) {
    if (ignored)
      throw std::invalid_argument(why);
  };
  refuse_if(args.arrivals && !open_loop,
            "--arrivals are those of an open loop: give --rate or --search");
  refuse_if(args.max_connections && !open_loop,
            "--max-connections bounds an open loop: give --rate or --search; a "
            "closed loop has --concurrency");
  refuse_if(args.seed && args.arrivals != "poisson" && !args.request.templates,
            "--seed is that of --arrivals poisson and of --template: give one "
            "of them");
  refuse_if(args.tolerance && !args.duration.empty(),
            "--tolerance tells when to end, --duration ends without: give one "
            "of them");
  refuse_if(args.max_windows && !args.duration.empty(),
            "--max-windows tells when to end, --duration ends without: give "
            "one of them");
}

void fill_levels(const plan_arguments& args, run_options& result) {
  if (!args.concurrency.empty() && !args.rate.empty())
    throw std::invalid_argument(
      "--concurrency is a closed loop, --rate an open one: give one of them; "
      "--max-connections bounds an open loop");
  result.open_loop = !args.rate.empty() || !args.search.empty();
  if (!args.search.empty()) {
    result.bound =
      naming("--search", [&] { return latency_bound::parse(args.search); });
    if (!args.concurrency.empty())
      throw std::invalid_argument(
        "--search looks for a rate: give its range by "
        "--rate, not --concurrency");
  }
  if (result.open_loop) {
    result.levels = naming("--rate", [&] { return rates_of(args); });
    return;
  }
  result.levels = naming("--concurrency", [&] {
    return parse_levels(args.concurrency.empty() ? "1:64" : args.concurrency);
  });
  constexpr double most = 65535;
  for (auto x : result.levels)
    if (x != std::floor(x) || x > most)
      throw std::invalid_argument("--concurrency: " + number_text(x)
                                  + ": expected a number of connections from 1 "
                                    "to 65535");
}

} // namespace

void add_plan_options(CLI::App& command, plan_arguments& a) {
  auto* where = command.add_option("URL", a.url, "http://HOST:PORT/PATH");
  where->type_name("");
  auto add = [&](const char* group, const char* name, auto& value,
                 const char* type, const char* doc) {
    auto* result = command.add_option(name, value, doc);
    result->type_name(type)->group(group);
    using type_of_value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<
                    type_of_value,
                    std::string> || std::is_arithmetic_v<type_of_value>)
      result->capture_default_str();
    return result;
  };
  const auto* load = "Load";
  add(load, "-c,--concurrency", a.concurrency, "LEVELS",
      "Closed loop: connections that each wait for their answer: 8, 1,8,64, "
      "1:256 (doubling), 8:64:8 (steps) [1:64]");
  add(load, "-r,--rate", a.rate, "LEVELS",
      "Open loop: requests/s, sent by plan; latency counts from the planned "
      "time");
  add(load, "--search", a.search, "BOUND",
      "Look for the highest rate under a bound such as 'p99<10ms', within "
      "--rate LOW:HIGH");
  add(load, "--arrivals", a.arrivals, "KIND",
      "How an open loop plans: constant or poisson")
    ->default_str("constant")
    ->check(CLI::IsMember({"constant", "poisson"}));
  add(load, "--max-connections", a.max_connections, "N",
      "The most connections that an open loop opens")
    ->default_str("1024")
    ->check(CLI::Range(1, 65535));
  add(load, "--threads", a.threads, "N",
      "Threads that send; 0: half the cores, because the server may need the "
      "others")
    ->check(CLI::Range(0, 1024));
  add(load, "--seed", a.seed, "N",
      "Of Poisson arrivals [1], and of the random values of --template, which "
      "otherwise differ from run to run");
  const auto* time = "Time";
  add(time, "--warmup", a.warmup, "TIME", "Before each level, not measured");
  add(time, "--window", a.window, "TIME",
      "A level is measured in windows until the last three agree");
  add(time, "--max-windows", a.max_windows, "N",
      "After this many, a level is reported as not stable")
    ->default_str("10")
    ->check(CLI::Range(1, 100000));
  add(time, "--tolerance", a.tolerance, "SHARE",
      "How far apart rate and latency of the three may be")
    ->default_str("0.1")
    ->check(CLI::PositiveNumber);
  add(time, "--percentile", a.percentile, "P",
      "The percentile of the latency that must be steady [50, or that of "
      "--search]")
    ->check(CLI::Range(0.0, 100.0));
  add(time, "--duration", a.duration, "TIME",
      "Measure each level for this long, stable or not");
  add(time, "--timeout", a.timeout, "TIME", "For one answer");
  const auto* request = "Request";
  add(request, "-X,--method", a.request.method, "METHOD",
      "[POST with a body, else GET]");
  add(request, "-H,--header", a.request.headers, "'NAME: VALUE'",
      "May be repeated")
    ->allow_extra_args(false);
  add(request, "-d,--data", a.request.data, "TEXT|@FILE",
      "The body; repeated: sent in turn")
    ->allow_extra_args(false);
  add(request, "--data-lines", a.request.lines_file, "FILE",
      "Each line is a body, sent in turn");
  add(request, "-F,--form", a.request.form, "NAME=VALUE|NAME=@FILE",
      "A field of a multipart form; may be repeated")
    ->allow_extra_args(false);
  command
    .add_flag(
      "--template", a.request.templates,
      "Fill in {{n}}, {{uuid}}, {{int 1 100}}, {{float 0 1}} and {{pick "
      "a b c}} in the path and the body of each request")
    ->group(request);
  command
    .add_flag("-k,--insecure", a.insecure, "https: accept any certificate")
    ->group(request);
  add(request, "--cacert", a.ca_file, "FILE",
      "https: trust the certificates in this file (PEM)");
}

std::string plan_examples() {
  return "Examples:\n"
         "  troupe bench http://127.0.0.1:8000/predict -d '{\"input\": 4.0}'\n"
         "  troupe bench URL -d @image.png -c 1:256 --html report.html\n"
         "  troupe bench URL -d '{\"input\": {{int 1 100}}}' --template \\\n"
         "      --rate 500 --arrivals poisson --duration 30s\n"
         "  troupe bench URL --search 'p99<10ms' --rate 100:50000\n"
         "  troupe bench --compare before.json after.json --max-loss 0.1\n"
         "Exit codes: 0 fine, 1 nothing was answered well or a bound was "
         "broken, "
         "2 bad usage.\n";
}

run_options make_plan(const plan_arguments& args) {
  if (args.url.empty())
    throw std::invalid_argument("URL is missing; for example troupe bench "
                                "http://127.0.0.1:8000/health");
  run_options result;
  result.engine.request.target =
    target::parse(args.url, args.request.templates);
  fill_request(args.request, result.engine.request);
  fill_levels(args, result);
  check_needs(args, result.open_loop);
  auto cores = std::max(2U, std::thread::hardware_concurrency());
  result.engine.threads = args.threads == 0 ? cores / 2 : args.threads;
  result.engine.arrivals =
    args.arrivals == "poisson" ? arrival_kind::poisson : arrival_kind::constant;
  result.engine.seed = args.seed.value_or(result.engine.seed);
  result.engine.request.seed = args.seed ? *args.seed : std::random_device{}();
  result.engine.timeout = duration_of("--timeout", args.timeout);
  result.engine.insecure = args.insecure;
  result.engine.ca_file = args.ca_file;
  result.max_connections =
    args.max_connections.value_or(result.max_connections);
  result.warmup = duration_of("--warmup", args.warmup, true);
  result.window = duration_of("--window", args.window);
  if (!args.duration.empty())
    result.duration = duration_of("--duration", args.duration);
  result.max_windows = args.max_windows.value_or(result.max_windows);
  result.stability.tolerance =
    args.tolerance.value_or(result.stability.tolerance);
  result.stability_percentile = args.percentile.value_or(
    result.bound ? result.bound->percentile : result.stability_percentile);
  return result;
}

} // namespace troupe::load
