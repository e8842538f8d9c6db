#include "troupe/models/process/process_link.hpp"
#include "troupe/models/process/process_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

namespace {

/// A worker that is a script of the shell, which reads nothing.
std::string start_of(const std::string& script,
                     std::vector<std::string>* lines = nullptr) {
  process_recipe recipe;
  recipe.command.argv = {"sh", "-c", script};
  worker_slot slot;
  slot.model = "m";
  std::mutex mutex;
  slot.log = [&](log_level, std::string_view text) {
    std::unique_lock guard{mutex};
    if (lines != nullptr)
      lines->emplace_back(text);
  };
  auto model = make_process_model(recipe, slot);
  try {
    model->setup(slot);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "it was set up";
}

/// A script that sends one frame of this header.
std::string saying(const std::string& header) {
  std::array<char, 8> size{};
  std::snprintf(size.data(), size.size(), "%03zo", header.size());
  return std::string{"printf '\\"}
    .append(size.data())
    .append("\\0\\0\\0\\0\\0\\0\\0")
    .append(header)
    .append("' >&3; sleep 100");
}

} // namespace

TEST(process_link, says_how_a_worker_ended_that_said_nothing) {
  EXPECT_EQ(start_of("exit 3"), "its process ended with exit status 3");
  EXPECT_EQ(start_of("kill -SEGV $$"),
            "its process ended with signal 11 (SIGSEGV)");
}

TEST(process_link, ends_a_worker_that_breaks_the_protocol) {
  for (const auto& lie :
       {std::string{"printf 'GET / HTTP/1.1' >&3; sleep 100"}, saying("[]"),
        saying(R"({"type":"hey"})"), saying(R"({"type":"item"})"),
        saying(R"({"type":"hello"})"),
        saying(R"({"type":"finish","id":1,"body":{"kind":"empty"}})")})
    EXPECT_TRUE(start_of(lie).starts_with("its process broke the worker "
                                          "protocol: "))
      << lie;
}

TEST(process_link, ends_a_worker_that_closes_its_connection) {
  EXPECT_EQ(start_of("exec 3>&-; exec sleep 1000"),
            "its process ended with signal 9 (SIGKILL)");
}

TEST(process_link, logs_what_a_worker_writes) {
  std::vector<std::string> lines;
  start_of("echo one; echo two >&2; printf three; exit 1", &lines);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"model m worker 0: one",
                                             "model m worker 0: three",
                                             "model m worker 0: two"}));
}

TEST(process_link, says_what_a_fatal_worker_says) {
  EXPECT_EQ(start_of(saying(R"({"type":"fatal","text":"why"})")), "why");
}

} // namespace troupe
