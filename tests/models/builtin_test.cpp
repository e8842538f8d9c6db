#include "troupe/tests/models/builtin_fixture.hpp"

namespace troupe {

using namespace builtin_fixture;

namespace {

// -- echo ---------------------------------------------------------------------

TEST(echo, answers_the_json_that_it_was_given) {
  for (const auto& document :
       {json{{"a", {1, 2.5, nullptr}}}, json("text"), json(nullptr), json{}}) {
    auto ex = run(make_echo({}, {}), ask(document));
    ASSERT_TRUE(ex->answer);
    ASSERT_NE(ex->answer->body.json(), nullptr);
    EXPECT_EQ(*ex->answer->body.json(), document);
  }
}

TEST(echo, answers_raw_bytes_as_they_are) {
  std::string bytes{"\0\xff{", 3};
  auto ex = run(make_echo({}, {}), raw(bytes, "application/octet-stream"));
  ASSERT_TRUE(ex->answer);
  ASSERT_NE(ex->answer->body.raw(), nullptr);
  EXPECT_EQ(ex->answer->body.raw()->data, bytes);
  EXPECT_EQ(ex->answer->body.content_type(), "application/octet-stream");
}

TEST(echo, takes_a_document_over_the_content_type) {
  auto ex = raw("raw", "application/octet-stream");
  ex->request.document = std::make_shared<const json>(json{1});
  EXPECT_EQ(answer_of(run(make_echo({}, {}), ex)), json{1});
}

TEST(echo, refuses_text_that_is_not_json) {
  EXPECT_EQ(status_of_failure(run(make_echo({}, {}), raw("{"))), 400);
  EXPECT_EQ(status_of_failure(run(make_echo({}, {}), raw(""))), 400);
}

// -- square -------------------------------------------------------------------

TEST(square, squares) {
  for (auto [x, y] : {std::pair{4.0, 16.0}, {-0.5, 0.25}, {0.0, 0.0}})
    EXPECT_EQ(answer_of(run(make_square({}, {}), ask(json{{"input", x}}))),
              json({{"output", y}}));
}

TEST(square, tells_bad_json_from_json_of_the_wrong_shape) {
  auto square = make_square({}, {});
  EXPECT_EQ(status_of_failure(run(square, raw("{\"input\":"))), 400);
  EXPECT_EQ(blamed(run(square, ask(json::object()))), json({"body", "input"}));
  EXPECT_EQ(blamed(run(square, ask(json{{"input", "4"}}))),
            json({"body", "input"}));
  EXPECT_EQ(blamed(run(square, ask(json(4)))), json({"body"}));
}

// -- sleep --------------------------------------------------------------------

TEST(sleep_model, says_how_large_its_batch_was_and_who_ran_it) {
  auto sleep = make_sleep({}, with({{"base_ms", 0.1}}));
  EXPECT_TRUE(sleep.batched);
  std::vector<recorder> batch{ask(json::object()), ask(json(1)),
                              ask(json{{"base_ms", 0}})};
  process(*instance(sleep, 7), batch);
  for (const auto& ex : batch)
    EXPECT_EQ(answer_of(ex), json({{"batch_size", 3}, {"worker", 7}}));
}

/// How long a batch of `n` takes.
milliseconds duration_of(const model_definition& sleep, const json& body,
                         std::size_t n = 1) {
  std::vector<recorder> batch;
  for (std::size_t i = 0; i < n; ++i)
    batch.push_back(ask(body));
  auto m = instance(sleep);
  auto begin = steady_clock::now();
  process(*m, batch);
  for (const auto& ex : batch)
    EXPECT_EQ(answer_of(ex)["batch_size"], n);
  return std::chrono::floor<milliseconds>(steady_clock::now() - begin);
}

TEST(sleep_model, takes_its_base_and_so_much_for_each_item) {
  for (auto spin : {false, true}) {
    auto sleep = make_sleep(
      {}, with({{"base_ms", 4}, {"per_item_ms", 3}, {"spin", spin}}));
    EXPECT_GE(duration_of(sleep, json::object(), 3), milliseconds{13});
  }
}

TEST(sleep_model, burns_the_processor_only_when_it_spins) {
  auto used = [](bool spin) {
    auto sleep = make_sleep({}, with({{"base_ms", 30}, {"spin", spin}}));
    timespec begin{};
    timespec end{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    duration_of(sleep, json::object());
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return static_cast<double>(end.tv_sec - begin.tv_sec)
           + static_cast<double>(end.tv_nsec - begin.tv_nsec) * 1e-9;
  };
  auto spinning = used(true);
  auto sleeping = used(false);
  EXPECT_GT(spinning, 2 * sleeping);
}

TEST(sleep_model, lets_a_request_override_its_base) {
  auto brief = make_sleep({}, with({{"base_ms", 0}}));
  EXPECT_GE(duration_of(brief, {{"base_ms", 12.5}}), milliseconds{12});
  auto endless = make_sleep({}, with({{"base_ms", 600'000}}));
  EXPECT_LT(duration_of(endless, {{"base_ms", 0}}), milliseconds{60'000});
}

TEST(sleep_model, refuses_a_bad_override_alone) {
  std::vector<recorder> batch{ask(json::object()), ask(json{{"base_ms", -1}}),
                              ask(json{{"base_ms", 600'001}}),
                              ask(json{{"base_ms", "5"}}), raw("{")};
  process(*instance(make_sleep({}, {})), batch);
  EXPECT_EQ(answer_of(batch[0]), json({{"batch_size", 1}, {"worker", 0}}));
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_EQ(blamed(batch[i]), json({"body", "base_ms"})) << i;
  EXPECT_EQ(status_of_failure(batch[4]), 400);
}

TEST(sleep_model, refuses_a_misspelt_member) {
  auto ex = run(make_sleep({}, {}), ask(json{{"base_mss", 1}}));
  EXPECT_EQ(blamed(ex), json({"body", "base_mss"}));
  EXPECT_EQ(ex->error->detail[0]["msg"],
            R"(unknown field "base_mss", did you mean "base_ms"?)");
  EXPECT_FALSE(run(make_sleep({}, {}), ask(json{{"mark", 1}}))->error)
    << "it is the client's own";
}

// -- stream -------------------------------------------------------------------

TEST(stream_model, yields_as_many_items_as_it_is_told) {
  auto stream = make_stream({}, with({{"count", 3}}));
  EXPECT_TRUE(stream.streaming);
  auto own = run(stream, ask(json::object()));
  EXPECT_EQ(indexes(own), (std::vector{0, 1, 2}));
  ASSERT_TRUE(own->answer);
  EXPECT_TRUE(own->answer->body.empty());
  EXPECT_EQ(indexes(run(stream, ask(json{{"count", 1}}))), std::vector{0});
  EXPECT_TRUE(run(stream, ask(json{{"count", 0}}))->items.empty());
  EXPECT_EQ(run(make_stream({}, {}), ask(json(1)))->items.size(), 10U);
}

TEST(stream_model, waits_between_items_only) {
  auto stream = make_stream({}, with({{"count", 4}, {"interval_ms", 600'000}}));
  auto begin = steady_clock::now();
  EXPECT_EQ(run(stream, ask(json{{"interval_ms", 5}}))->items.size(), 4U);
  auto took = steady_clock::now() - begin;
  EXPECT_GE(took, milliseconds{15});
  EXPECT_LT(took, milliseconds{60'000});
}

TEST(stream_model, refuses_a_bad_override) {
  auto stream = make_stream({}, {});
  EXPECT_EQ(blamed(run(stream, ask(json{{"count", -1}}))),
            json({"body", "count"}));
  EXPECT_EQ(blamed(run(stream, ask(json{{"count", 1.5}}))),
            json({"body", "count"}));
  EXPECT_EQ(blamed(run(stream, ask(json{{"interval_ms", -1}}))),
            json({"body", "interval_ms"}));
}

TEST(stream_model, refuses_a_misspelt_member) {
  auto ex =
    run(make_stream({}, {}), ask(json{{"count", 1}, {"intervalms", 1}}));
  EXPECT_EQ(blamed(ex), json({"body", "intervalms"}));
  EXPECT_TRUE(ex->items.empty());
}

TEST(stream_model, stops_when_it_is_cancelled) {
  auto stream = make_stream({}, with({{"count", 1'000'000'000}}));
  auto ex = ask(json{{"interval_ms", 0.1}});
  auto m = instance(stream);
  std::thread worker{[&] { process(*m, {ex}); }};
  EXPECT_TRUE(ex->wait_for_items(3, milliseconds{10'000}));
  ex->cancel();
  worker.join();
  EXPECT_LT(ex->items.size(), 1'000'000U);
}

// -- options ------------------------------------------------------------------

/// Where and what a factory complains of.
std::string complaint(const model_factory& make, json options) {
  model_config config;
  config.options = std::move(options);
  try {
    make({}, config);
    return "";
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
}

TEST(builtin_options, know_no_device_and_no_file) {
  for (const auto& make :
       {make_echo, make_square, make_sleep, make_stream, make_fault}) {
    model_options options;
    options.device = "cuda:0";
    model_config with_path;
    with_path.path = "m.onnx";
    auto where = [&](const model_options& x, const model_config& config) {
      try {
        make(x, config);
        return std::string{"nowhere"};
      } catch (const model_config_error& e) {
        return e.where();
      }
    };
    EXPECT_EQ(where(options, {}), "device");
    EXPECT_EQ(where({}, with_path), "path");
  }
}

TEST(builtin_options, are_none_for_models_that_need_none) {
  for (const auto& make : {make_echo, make_square, make_fault}) {
    EXPECT_EQ(complaint(make, json::object()), "");
    EXPECT_EQ(complaint(make, {{"base_ms", 1}}),
              "options.base_ms: unknown option \"base_ms\"; there are "
              "none here");
  }
}

TEST(builtin_options, are_listed_when_one_is_unknown) {
  EXPECT_EQ(complaint(make_sleep, {{"base", 1}}),
            "options.base: unknown option \"base\"; known here: \"base_ms\", "
            "\"per_item_ms\", \"spin\"");
  EXPECT_EQ(
    complaint(make_stream, {{"base_ms", 1}}),
    "options.base_ms: unknown option \"base_ms\"; known here: \"count\", "
    "\"interval_ms\"");
}

TEST(builtin_options, are_checked) {
  auto where = [](const model_factory& make, const json& options) {
    auto text = complaint(make, options);
    return text.substr(0, text.find(':'));
  };
  for (const auto& bad : {json(-1), json(600'001), json("5"), json(nullptr)}) {
    EXPECT_EQ(where(make_sleep, {{"base_ms", bad}}), "options.base_ms") << bad;
    EXPECT_EQ(where(make_sleep, {{"per_item_ms", bad}}), "options.per_item_ms")
      << bad;
    EXPECT_EQ(where(make_stream, {{"interval_ms", bad}}), "options.interval_ms")
      << bad;
  }
  EXPECT_EQ(where(make_sleep, {{"spin", 1}}), "options.spin");
  for (const auto& bad : {json(-1), json(1.5), json("5"), json(1e30)})
    EXPECT_EQ(where(make_stream, {{"count", bad}}), "options.count") << bad;
  EXPECT_EQ(complaint(make_sleep, {{"base_ms", 600'000}}), "");
  EXPECT_EQ(complaint(make_stream, {{"count", 0}, {"interval_ms", 0.5}}), "");
}

TEST(builtin_options, leave_the_model_options_alone) {
  model_options options;
  options.name = "n";
  options.workers = 3;
  for (const auto& make :
       {make_echo, make_square, make_sleep, make_stream, make_fault}) {
    auto definition = make(options, {});
    EXPECT_EQ(definition.options.name, "n");
    EXPECT_EQ(definition.options.workers, 3U);
  }
}

TEST(builtin_models, are_registered_under_their_names) {
  model_registry registry;
  add_builtin_models(registry);
  EXPECT_EQ(registry.types(), (std::vector<std::string>{
                                "echo", "fault", "sleep", "square", "stream"}));
}

} // namespace

} // namespace troupe
