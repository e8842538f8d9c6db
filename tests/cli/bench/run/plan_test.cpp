#include "troupe/cli/bench/run/plan.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

plan_arguments some() {
  plan_arguments result;
  result.url = "http://127.0.0.1:8000/predict";
  return result;
}

std::string refusal(const plan_arguments& args) {
  try {
    make_plan(args);
    return "";
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
}

void expect_refusal(const plan_arguments& args, std::string_view text) {
  EXPECT_NE(refusal(args).find(text), std::string::npos) << refusal(args);
}

} // namespace

TEST(plan, sweeps_a_closed_loop_when_nothing_is_said) {
  auto x = make_plan(some());
  EXPECT_FALSE(x.open_loop);
  EXPECT_EQ(x.levels, (std::vector<double>{1, 2, 4, 8, 16, 32, 64}));
  EXPECT_GE(x.engine.threads, 1U);
  EXPECT_EQ(x.warmup, 1s);
  EXPECT_EQ(x.window, 2s);
  EXPECT_EQ(x.duration, 0s);
  EXPECT_FALSE(x.bound);
}

TEST(plan, is_an_open_loop_with_a_rate) {
  auto args = some();
  args.rate = "100,200";
  args.arrivals = "poisson";
  auto x = make_plan(args);
  EXPECT_TRUE(x.open_loop);
  EXPECT_EQ(x.engine.arrivals, arrival_kind::poisson);
  EXPECT_EQ(x.levels, (std::vector<double>{100, 200}));
}

TEST(plan, searches_within_the_rates_given_or_a_wide_range) {
  auto args = some();
  args.search = "p99<10ms";
  auto x = make_plan(args);
  EXPECT_TRUE(x.open_loop);
  EXPECT_EQ(x.bound->limit, 10ms);
  EXPECT_EQ(x.levels.front(), 10);
  EXPECT_EQ(x.levels.back(), 1e6);
  args.rate = "50:100";
  EXPECT_EQ(make_plan(args).levels.front(), 50);
}

TEST(plan, takes_templates_in_the_path) {
  auto args = some();
  args.url = "http://127.0.0.1:8000/x/{{n}}?y={{int 1 5}}";
  expect_refusal(args, "--template");
  args.request.templates = true;
  EXPECT_EQ(make_plan(args).engine.request.target.path,
            "/x/{{n}}?y={{int 1 5}}");
  args.url = "http://127.0.0.1:8000/{{x}}";
  expect_refusal(args, "{{x}}");
}

TEST(plan, guesses_the_type_of_a_body_that_looks_like_json) {
  auto args = some();
  args.request.data = {" {\"a\": {{n}}}"};
  EXPECT_EQ(make_plan(args).engine.request.content_type, "application/json");
  args.request.data = {"\x89PNG"};
  EXPECT_EQ(make_plan(args).engine.request.content_type,
            "application/octet-stream");
}

TEST(plan, takes_bodies_from_files_and_lines) {
  troupe::temp_dir dir;
  auto path = dir.write("lines", "one\n\ntwo\n").string();
  auto args = some();
  args.request.data = {"@" + path, "three"};
  EXPECT_EQ(make_plan(args).engine.request.bodies,
            (std::vector<std::string>{"one\n\ntwo\n", "three"}));
  args.request.data.clear();
  args.request.lines_file = path;
  EXPECT_EQ(make_plan(args).engine.request.bodies,
            (std::vector<std::string>{"one", "two"}));
}

TEST(plan, makes_a_form_of_fields) {
  auto args = some();
  args.request.form = {"a=1", "b=2"};
  auto x = make_plan(args).engine.request;
  ASSERT_EQ(x.bodies.size(), 1U);
  EXPECT_EQ(x.content_type.find("multipart/form-data; boundary="), 0U);
}

TEST(plan, refuses_what_contradicts_itself) {
  auto args = some();
  args.concurrency = "1";
  args.rate = "1";
  expect_refusal(args, "give one of them");
  args = some();
  args.concurrency = "1";
  args.search = "p99<1s";
  expect_refusal(args, "--rate, not --concurrency");
  args = some();
  args.request.data = {"x"};
  args.request.form = {"a=b"};
  expect_refusal(args, "give one of them");
  args = some();
  args.request.form = {"a={{n}}"};
  args.request.templates = true;
  expect_refusal(args, "--template");
}

TEST(plan, refuses_what_would_have_no_effect) {
  auto args = some();
  args.arrivals = "constant";
  expect_refusal(args, "--arrivals");
  args.rate = "10";
  EXPECT_EQ(refusal(args), "");
  args.seed = 7;
  expect_refusal(args, "--seed");
  args.arrivals = "poisson";
  EXPECT_EQ(make_plan(args).engine.seed, 7U);
  args = some();
  args.seed = 7;
  args.request.templates = true;
  EXPECT_EQ(make_plan(args).engine.request.seed, 7U);
  args = some();
  args.max_connections = 7;
  expect_refusal(args, "--max-connections");
  args.search = "p99<1s";
  EXPECT_EQ(make_plan(args).max_connections, 7U);
  args = some();
  args.tolerance = 0.2;
  args.max_windows = 3;
  EXPECT_EQ(make_plan(args).stability.tolerance, 0.2);
  args.duration = "1s";
  expect_refusal(args, "--tolerance");
  args.tolerance.reset();
  expect_refusal(args, "--max-windows");
}

TEST(plan, refuses_a_search_of_anything_but_a_range) {
  auto args = some();
  args.search = "p99<1s";
  for (const auto* rate : {"200,100", "1:9:2", "200:100"}) {
    args.rate = rate;
    expect_refusal(args, "--rate: ");
    expect_refusal(args, rate);
  }
  args.rate = "100";
  EXPECT_EQ(make_plan(args).levels, (std::vector<double>{100}));
}

TEST(plan, wants_the_percentile_of_a_search_to_be_steady) {
  auto args = some();
  EXPECT_EQ(make_plan(args).stability_percentile, 50);
  args.search = "p99.9<1s";
  EXPECT_EQ(make_plan(args).stability_percentile, 99.9);
  args.percentile = 75;
  EXPECT_EQ(make_plan(args).stability_percentile, 75);
}

TEST(plan, draws_other_random_values_in_each_run) {
  EXPECT_NE(make_plan(some()).engine.request.seed,
            make_plan(some()).engine.request.seed);
}

TEST(plan, names_the_option_that_is_wrong) {
  auto with = [](auto member, auto value) {
    auto args = some();
    args.*member = value;
    return args;
  };
  auto with_request = [](auto member, auto value) {
    auto args = some();
    args.request.*member = value;
    return args;
  };
  using text = std::string;
  using texts = std::vector<std::string>;
  expect_refusal(plan_arguments{}, "URL is missing");
  expect_refusal(with(&plan_arguments::url, text{"ftp://x"}), "ftp://x");
  expect_refusal(with(&plan_arguments::window, text{"0s"}), "--window");
  expect_refusal(with(&plan_arguments::warmup, text{"x"}), "--warmup");
  expect_refusal(with(&plan_arguments::duration, text{"-1s"}), "--duration");
  expect_refusal(with(&plan_arguments::timeout, text{"0"}), "--timeout");
  expect_refusal(with(&plan_arguments::concurrency, text{"1.5"}),
                 "--concurrency");
  expect_refusal(with(&plan_arguments::concurrency, text{"65536"}),
                 "--concurrency");
  expect_refusal(with(&plan_arguments::search, text{"fast"}), "--search");
  expect_refusal(with_request(&request_arguments::headers, texts{"x"}),
                 "--header");
  expect_refusal(with_request(&request_arguments::data, texts{"@/nowhere"}),
                 "--data");
  expect_refusal(with_request(&request_arguments::lines_file, text{"/nowhere"}),
                 "--data-lines");
  expect_refusal(with_request(&request_arguments::form, texts{"x"}), "--form");
  auto args = some();
  args.request.data = {"{{x}}"};
  args.request.templates = true;
  expect_refusal(args, "{{x}}");
}
