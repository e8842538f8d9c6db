#ifdef TROUPE_HAS_LLAMA

#include "troupe/tests/models/llama_fixture.hpp"

#include <set>

namespace troupe {

// -- answers -----------------------------------------------------------------

TEST(llama_model, streams_text_and_ends_with_the_counts) {
  llama_instance m;
  auto ex = m.ask(greedy("The hacker", 8));
  m.run();
  ASSERT_TRUE(ex->answer);
  ASSERT_GE(ex->items.size(), 2U);
  for (std::size_t i = 0; i + 1 < ex->items.size(); ++i) {
    EXPECT_EQ(item(ex, i).size(), 1U);
    EXPECT_NE(item(ex, i)["content"], "");
  }
  auto prompt = tiny_weights()->tokenize({"The hacker"}).size();
  EXPECT_EQ(item(ex, ex->items.size() - 1), json({{"content", ""},
                                                  {"finish_reason", "length"},
                                                  {"prompt_tokens", prompt},
                                                  {"completion_tokens", 8}}));
  EXPECT_EQ(m.model->open(), 0U);
}

TEST(llama_model, answers_as_a_whole_without_stream) {
  llama_instance m;
  auto ex = m.ask(greedy("The hacker", 8));
  m.run();
  auto whole = m.answer(greedy("The hacker", 8));
  EXPECT_EQ(whole["content"], text_of(ex));
  EXPECT_EQ(whole["finish_reason"], "length");
  EXPECT_EQ(whole["completion_tokens"], 8);
  EXPECT_EQ(whole.size(), 4U);
}

TEST(llama_model, streams_also_an_answer_without_text) {
  llama_instance m;
  auto first = m.answer(greedy("The hacker", 1))["content"];
  auto request = greedy("The hacker", 8);
  request["stop"] = first;
  auto ex = m.ask(request);
  m.run();
  ASSERT_EQ(ex->items.size(), 1U);
  EXPECT_EQ(item(ex, 0)["finish_reason"], "stop");
  EXPECT_TRUE(ex->answer->body.empty());
}

TEST(llama_model, ends_before_a_stop_string_even_across_tokens) {
  llama_instance m;
  auto text = m.answer(greedy("The hacker", 20))["content"].get<std::string>();
  ASSERT_GT(text.size(), 12U);
  // Every place of four bytes: some are within tokens, most across.
  for (std::size_t i = 1; i + 4 < text.size(); ++i) {
    auto stop = text.substr(i, 4);
    auto request = greedy("The hacker", 20);
    request["stop"] = {"never there", stop};
    auto ex = m.ask(request);
    m.run();
    EXPECT_EQ(text_of(ex), text.substr(0, text.find(stop))) << stop;
    EXPECT_EQ(item(ex, ex->items.size() - 1)["finish_reason"], "stop");
  }
}

TEST(llama_model, gives_out_at_the_end_what_may_have_become_a_stop_string) {
  llama_instance m;
  auto text = m.answer(greedy("The hacker", 5))["content"].get<std::string>();
  auto request = greedy("The hacker", 5);
  request["stop"] = text + " and more";
  EXPECT_EQ(m.answer(request)["content"], text);
}

TEST(llama_model, ends_where_the_model_does_unless_told_otherwise) {
  // The model hardly ever ends by itself: it was trained on one long text. At
  // this temperature each of its 512 tokens is about as likely as the other,
  // so that most rounds of 16 have one that ends.
  auto with = [](int seed) {
    return json{{"prompt", "The end"}, {"seed", seed}, {"temperature", 100},
                {"top_k", 0},          {"top_p", 1},   {"max_tokens", 100},
                {"stream", false}};
  };
  json ended;
  for (int first = 0; first < 96 && ended.is_null(); first += 16) {
    llama_instance m;
    std::vector<recording_ptr> all;
    for (int i = 0; i < 16; ++i)
      all.push_back(m.ask(with(first + i)));
    while (ended.is_null() && m.model->step() != progress::idle)
      for (int i = 0; i < 16 && ended.is_null(); ++i)
        if (const auto& x = all[static_cast<std::size_t>(i)];
            x->answer && llama_instance::whole(x)["finish_reason"] == "stop")
          ended = with(first + i);
  }
  ASSERT_FALSE(ended.is_null());
  llama_instance m;
  auto x = m.answer(ended);
  EXPECT_EQ(x["finish_reason"], "stop");
  EXPECT_LT(x["completion_tokens"], 100);
  ended["ignore_eos"] = true;
  x = m.answer(ended);
  EXPECT_EQ(x["finish_reason"], "length");
  EXPECT_EQ(x["completion_tokens"], 100);
}

TEST(llama_model, ends_with_the_context_at_the_latest) {
  llama_instance m;
  auto x = m.answer(greedy("The hacker", 1'000'000));
  EXPECT_EQ(x["finish_reason"], "length");
  EXPECT_EQ(x["prompt_tokens"].get<int>() + x["completion_tokens"].get<int>(),
            128);
}

TEST(llama_model, takes_the_likeliest_token_at_temperature_0) {
  llama_instance m;
  auto x = m.answer(greedy("The hacker", 30));
  EXPECT_EQ(m.answer(greedy("The hacker", 30)), x);
  EXPECT_NE(m.answer(greedy("Unix is", 30))["content"], x["content"]);
}

TEST(llama_model, takes_the_likeliest_token_at_top_p_0) {
  llama_instance m;
  json request = greedy("The hacker", 10);
  auto x = m.answer(request);
  request["temperature"] = 1;
  request["top_p"] = 0;
  EXPECT_EQ(m.answer(request), x);
}

TEST(llama_model, answers_nothing_when_it_may_not_have_a_token) {
  llama_instance m;
  auto other = m.ask(greedy("The hacker", 5));
  auto ex = m.ask(greedy("The hacker", 0));
  m.model->step();
  EXPECT_TRUE(ex->ended());
  EXPECT_FALSE(other->ended());
  ASSERT_EQ(ex->items.size(), 1U);
  EXPECT_EQ(item(ex, 0)["finish_reason"], "length");
  EXPECT_EQ(item(ex, 0)["completion_tokens"], 0);
  EXPECT_GT(item(ex, 0)["prompt_tokens"], 0);
  m.run();
  EXPECT_EQ(text_of(other), m.answer(greedy("The hacker", 5))["content"]);
}

TEST(llama_model, repeats_less_with_a_penalty) {
  llama_instance m;
  auto request = greedy("The", 100);
  auto kinds = [&] {
    std::set<std::string> result;
    auto ex = m.ask(request);
    m.run();
    for (const auto& x : ex->items)
      result.insert((*x.json())["content"]);
    return result.size();
  };
  auto before = kinds();
  request["frequency_penalty"] = 2;
  EXPECT_GT(kinds(), before);
}

TEST(llama_model, keeps_to_the_bias_of_a_token) {
  llama_instance m;
  auto request = greedy("The", 5);
  auto first = tiny_weights()->tokenize({"x"}).back();
  request["logit_bias"] = {{std::to_string(first), 100}};
  EXPECT_EQ(m.answer(request)["content"], "xxxxx");
  request["logit_bias"] = {{"512", 1}};
  EXPECT_EQ(refusal(m.ask(request)).second[0]["loc"],
            json({"body", "logit_bias", "512"}));
}

TEST(llama_model, repeats_itself_with_the_same_seed) {
  llama_instance m;
  auto with = [&](int seed) {
    return m.answer({{"prompt", "The"},
                     {"seed", seed},
                     {"temperature", 1},
                     {"max_tokens", 30}})["content"];
  };
  EXPECT_EQ(with(1), with(1));
  EXPECT_NE(with(1), with(2));
}

// -- batches -----------------------------------------------------------------

TEST(llama_model, gives_the_same_text_alone_and_among_sixteen) {
  for (auto shared : {true, false}) {
    llama_instance m{{{"shared_cache", shared}}};
    std::vector<std::string> prompts;
    for (int i = 0; i < 16; ++i)
      prompts.push_back("The number " + std::to_string(i) + " is");
    std::vector<std::string> alone;
    for (const auto& x : prompts)
      alone.push_back(m.answer(greedy(x, 40))["content"]);
    std::vector<recording_ptr> together;
    for (const auto& x : prompts) {
      together.push_back(m.ask(greedy(x, 40)));
      // They are at different places when they meet.
      m.model->step();
    }
    m.run();
    for (std::size_t i = 0; i < prompts.size(); ++i)
      EXPECT_EQ(text_of(together[i]), alone[i]) << prompts[i];
  }
}

TEST(llama_model, lets_joiners_leave_before_those_who_came_first) {
  llama_instance m;
  auto first = m.ask(greedy("The hacker", 100));
  m.model->step();
  m.model->step();
  auto joiner = m.ask(greedy("Unix", 3));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(m.model->step(), progress::more);
  EXPECT_TRUE(joiner->answer);
  EXPECT_FALSE(first->ended());
}

TEST(llama_model, brings_a_long_prompt_in_pieces_while_others_go_on) {
  llama_instance m{{{"sequences", 4}, {"batch_tokens", 8}}};
  auto first = m.ask(greedy("The", 60));
  while (first->items.empty())
    m.model->step();
  std::string prompt;
  while (tiny_weights()->tokenize({prompt}).size() < 60)
    prompt += "the hacker ";
  auto steps = (tiny_weights()->tokenize({prompt}).size() + 6) / 7;
  auto joiner = m.ask(greedy(prompt, 1));
  for (std::size_t i = 0; i < steps; ++i) {
    EXPECT_FALSE(joiner->ended());
    // The first gets a token in each step.
    auto before = first->items.size();
    m.model->step();
    EXPECT_EQ(first->items.size(), before + 1) << i;
  }
  EXPECT_TRUE(joiner->answer);
  m.run();
  // In pieces or not, the answer is the same.
  EXPECT_EQ(text_of(joiner),
            llama_instance{}.answer(greedy(prompt, 1))["content"]);
}

TEST(llama_model, gives_the_place_of_one_who_left_to_the_next) {
  llama_instance m{{{"sequences", 2}}};
  EXPECT_EQ(m.model->capacity(), 2U);
  auto a = m.ask(greedy("The hacker", 100));
  auto b = m.ask(greedy("Unix", 100));
  m.model->step();
  EXPECT_EQ(refusal(m.ask(greedy("Lisp", 1))).first, 503);
  a->abandon(make_failure(errc::cancelled));
  m.model->step();
  EXPECT_EQ(m.model->open(), 1U);
  auto c = m.ask(greedy("Lisp", 10));
  m.run();
  EXPECT_EQ(text_of(b), m.answer(greedy("Unix", 100))["content"]);
  EXPECT_EQ(text_of(c), m.answer(greedy("Lisp", 10))["content"]);
}

TEST(llama_model, fails_one_of_eight_alone) {
  llama_instance m;
  std::vector<recording_ptr> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(
      m.ask(greedy(i == 5 ? std::string(5000, 'x') : "The hacker", 10)));
  m.run();
  for (int i = 0; i < 8; ++i)
    if (i == 5)
      EXPECT_EQ(refusal(all[5]).first, 422);
    else
      EXPECT_TRUE(all[static_cast<std::size_t>(i)]->answer) << i;
}

TEST(llama_model, shares_the_weights_among_workers) {
  auto definition = define();
  llama_instance a{definition, 0};
  llama_instance b{definition, 1};
  EXPECT_EQ(a.answer(greedy("The", 5)), b.answer(greedy("The", 5)));
}

// -- refusals ----------------------------------------------------------------

TEST(llama_model, says_how_long_a_prompt_may_be) {
  llama_instance m{{{"context", 16}, {"chat_template", "lines"}}};
  std::string prompt = "the hacker is the programmer who uses the machine ";
  auto n = tiny_weights()->tokenize({prompt}).size();
  ASSERT_GE(n, 16U);
  auto [status, detail] = refusal(m.ask(greedy(prompt, 1)));
  EXPECT_EQ(status, 422);
  EXPECT_EQ(detail[0]["loc"], json({"body", "prompt"}));
  EXPECT_EQ(detail[0]["msg"],
            "the model's maximum context length is 16 tokens, which prompt and "
            "answer share; the prompt has "
              + std::to_string(n));
  EXPECT_EQ(detail[0]["type"], "context_length_exceeded");
  auto [status2, detail2] = refusal(
    m.ask({{"messages",
            {{{"role", "user"}, {"content", std::string(99999, 'x')}}}}}));
  EXPECT_EQ(status2, 422);
  EXPECT_EQ(detail2[0]["loc"], json({"body", "messages"}));
}

TEST(llama_model, refuses_bad_values_with_their_path) {
  llama_instance m;
  auto [status, detail] =
    refusal(m.ask({{"prompt", "a"}, {"temperature", "hot"}}));
  EXPECT_EQ(status, 422);
  EXPECT_EQ(detail[0]["loc"], json({"body", "temperature"}));
  EXPECT_EQ(m.model->open(), 0U);
}

TEST(llama_model, warns_of_a_context_beyond_the_training) {
  llama_instance m{
    {{"context", 200}, {"sequences", 1}, {"chat_template", "lines"}}};
  ASSERT_EQ(m.lines.size(), 1U);
  EXPECT_NE(m.lines[0].find("trained with 128"), std::string::npos);
}

} // namespace troupe

#endif
