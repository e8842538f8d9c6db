#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/tests/support/fake_model.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

struct number_struct {
  double x = 0;
};
TROUPE_FIELDS(number_struct, x)

struct square {
  double predict(double x) {
    return x * x;
  }
};

struct mirror {
  number_struct predict(const number_struct& p) {
    return {-p.x};
  }
};

struct with_hooks {
  double decode_request(const nlohmann::json& body) {
    double result = 0;
    read_field(body, "input", result);
    return result;
  }

  double predict(double x) const {
    return x * x;
  }

  nlohmann::json encode_response(double y) {
    return {{"output", y}};
  }
};

struct told_context {
  std::string decode_request(const request& req, context& ctx) {
    return req.body + std::string{ctx.header("X-Add")};
  }

  std::string predict(const std::string& x, context& ctx) {
    return x + '@' + std::to_string(ctx.worker());
  }

  reply encode_response(const std::string& y, const context& ctx) {
    return text_reply(y + '#' + std::string{ctx.request_id()}, 201);
  }
};

struct from_struct {
  int decode_request(const number_struct& p) {
    return static_cast<int>(p.x) + 1;
  }

  payload predict(int x) {
    return {std::to_string(x), "text/x-int"};
  }
};

struct raw {
  reply predict(const request& req) {
    return text_reply(req.body, 202);
  }
};

template <class Setup>
struct set_up : Setup {
  explicit set_up(std::string* where) {
    this->text = where;
  }

  int predict(int x) {
    return x;
  }
};

struct keeps_slot {
  void setup(const worker_slot& slot) {
    *text = slot.model + std::to_string(slot.index);
  }
  std::string* text;
};

struct keeps_device {
  void setup(const std::string& device) {
    *text = device;
  }
  std::string* text;
};

struct keeps_nothing {
  void setup() {
    *text = "plain";
  }
  std::string* text;
};

struct sick {
  double predict(double x) {
    return x;
  }
  bool health() {
    return false;
  }
};

struct throws_by_input {
  int predict(int x) {
    if (x == 0)
      throw std::runtime_error("secret");
    if (x == 1)
      throw http_error(418, "tea", {{"X-Pot", "1"}});
    if (x == 2)
      throw worker_fatal("gone");
    return x;
  }
};

/// Serves `body` with a fresh instance of the class.
template <class Model>
std::string served(std::string body) {
  model_adapter<Model> x{worker_slot{}};
  auto ex = ask(std::move(body));
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  return outcome_of(*ex);
}

template <class Setup>
std::string text_after_setup() {
  std::string result;
  model_adapter<set_up<Setup>> x{worker_slot{}, &result};
  worker_slot slot;
  slot.model = "m";
  slot.index = 3;
  slot.device = "cuda:1";
  x.setup(slot);
  return result;
}

struct early {
  static bool authorize(const request& req) {
    return req.header("Authorization") == "Bearer 1";
  }

  int predict(int x) {
    return x;
  }
};

struct one_step {
  int admit(int n) {
    return n;
  }

  void step(std::span<sequence<int, int>> live) {
    for (auto& x : live)
      x.finish(x.state());
  }
};

} // namespace

TEST(model_adapter, decodes_and_encodes_by_default) {
  EXPECT_EQ(served<square>("3"), "200 9.0");
  EXPECT_EQ(served<mirror>(R"({"x":2})"), R"(200 {"x":-2.0})");
}

TEST(model_adapter, calls_the_hooks_that_are_there) {
  EXPECT_EQ(served<with_hooks>(R"({"input":3})"), R"(200 {"output":9.0})");
  EXPECT_EQ(served<from_struct>(R"({"x":6})"), "200 7");
}

TEST(model_adapter, hands_the_context_to_hooks_that_take_one) {
  worker_slot slot;
  slot.index = 4;
  model_adapter<told_context> x{slot};
  auto ex = ask("a", "id");
  ex->request.headers = {{"x-add", "b"}};
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  EXPECT_EQ(outcome_of(*ex), "201 ab@4#id");
}

TEST(model_adapter, hands_the_raw_request_to_a_predict_that_takes_it) {
  EXPECT_EQ(served<raw>("{not json"), "202 {not json");
}

TEST(model_adapter, a_payload_goes_out_as_it_is) {
  model_adapter<from_struct> x{worker_slot{}};
  auto ex = ask(R"({"x":1})");
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  ASSERT_TRUE(ex->answer);
  EXPECT_EQ(ex->answer->body.content_type(), "text/x-int");
}

TEST(model_adapter, takes_the_document_of_a_request_that_never_was_text) {
  auto ex = ask("7");
  ex->request.document = std::make_shared<const nlohmann::json>(3);
  model_adapter<square> x{worker_slot{}};
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  EXPECT_EQ(outcome_of(*ex), "200 9.0");
}

TEST(model_adapter, bad_input_is_400_or_422) {
  EXPECT_TRUE(served<square>("{").starts_with("bad_request: "));
  EXPECT_TRUE(served<square>("\"a\"").starts_with("unprocessable: "));
  EXPECT_EQ(served<with_hooks>("{}"),
            R"(unprocessable: [{"loc":["body","input"],"msg":"Field required",)"
            R"("type":"missing"}])");
}

TEST(model_adapter, an_exception_is_500_and_its_text_goes_to_the_log) {
  worker_slot slot;
  std::string line;
  slot.log = [&](log_level, std::string_view text) { line = text; };
  model_adapter<throws_by_input> x{slot};
  auto ex = ask("0", "id-1");
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  EXPECT_EQ(outcome_of(*ex), R"(internal: "Internal server error")");
  EXPECT_EQ(line, "request id-1: secret");
}

TEST(model_adapter, an_http_error_keeps_status_detail_and_headers) {
  model_adapter<throws_by_input> x{worker_slot{}};
  auto ex = ask("1");
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(ex->error->effective_detail(), "tea");
  EXPECT_EQ(ex->error->headers.find("x-pot"), "1");
}

TEST(model_adapter, a_broken_worker_leaves_its_exchange_to_the_runtime) {
  model_adapter<throws_by_input> x{worker_slot{}};
  auto ex = ask("2");
  exchange_ptr ptr = ex;
  EXPECT_THROW(x.process({&ptr, 1}), worker_fatal);
  EXPECT_FALSE(ex->ended());
}

TEST(model_adapter, an_error_of_one_request_leaves_the_next_alone) {
  model_adapter<throws_by_input> x{worker_slot{}};
  auto bad = ask("0");
  auto good = ask("5");
  std::vector<exchange_ptr> both{bad, good};
  x.process(both);
  EXPECT_TRUE(bad->error);
  EXPECT_EQ(outcome_of(*good), "200 5");
}

TEST(model_adapter, sets_up_in_the_form_that_the_class_has) {
  EXPECT_EQ(text_after_setup<keeps_slot>(), "m3");
  EXPECT_EQ(text_after_setup<keeps_device>(), "cuda:1");
  EXPECT_EQ(text_after_setup<keeps_nothing>(), "plain");
  EXPECT_NO_THROW(model_adapter<square>{worker_slot{}}.setup({}));
}

TEST(model_adapter, is_healthy_unless_the_class_says_otherwise) {
  EXPECT_TRUE(model_adapter<square>{worker_slot{}}.healthy());
  EXPECT_FALSE(model_adapter<sick>{worker_slot{}}.healthy());
}

TEST(make_model, says_what_the_class_can) {
  model_options options;
  options.name = "m";
  auto x = make_model<square>(options);
  EXPECT_EQ(x.options.name, "m");
  EXPECT_FALSE(x.batched);
  EXPECT_FALSE(x.streaming);
  EXPECT_FALSE(x.continuous);
}

TEST(make_model, says_that_a_model_of_steps_streams) {
  auto x = make_model<one_step>({});
  EXPECT_TRUE(x.continuous);
  EXPECT_TRUE(x.streaming);
}

TEST(make_model, asks_a_static_authorize_outside_of_the_worker) {
  auto x = make_model<early>({});
  ASSERT_TRUE(x.authorize);
  auto stranger = ask("1");
  EXPECT_THROW(x.authorize(*stranger), http_error);
  auto known = ask("1");
  known->request.headers.add("Authorization", "Bearer 1");
  EXPECT_NO_THROW(x.authorize(*known));
  EXPECT_FALSE(make_model<square>({}).authorize);
}

TEST(make_model, gives_each_worker_an_instance_of_its_own) {
  std::string a;
  auto x = make_model<set_up<keeps_nothing>>({}, &a);
  auto first = x.make({});
  auto second = x.make({});
  EXPECT_NE(first, second);
  second->setup({});
  EXPECT_EQ(a, "plain");
}

namespace {

struct nests {
  nlohmann::json predict(int depth) {
    nlohmann::json result = depth;
    for (int i = 0; i < depth; ++i) {
      auto outer = nlohmann::json::array();
      outer.push_back(std::move(result));
      result = std::move(outer);
    }
    return result;
  }
};

} // namespace

TEST(model_adapter, an_output_that_is_nested_too_deeply_is_500_and_logged) {
  lone_model<nests> m;
  EXPECT_EQ(m.answers({"2"}), (std::vector<std::string>{"200 [[2]]"}));
  EXPECT_EQ(m.answers({"100000"}),
            (std::vector<std::string>{"internal: \"Internal server error\""}));
  ASSERT_EQ(m.lines.size(), 1U);
  EXPECT_NE(m.lines[0].find("nested deeper than 1000 levels"),
            std::string::npos)
    << m.lines[0];
}
