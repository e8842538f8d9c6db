#include "troupe/specs/input/json_value.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <string>
#include <vector>

using namespace troupe;

namespace {

/// Of the memory that this thread holds, in bytes, with the allocator's share.
thread_local std::ptrdiff_t held = 0;
thread_local std::ptrdiff_t most_held = 0;

void* counted_malloc(std::size_t size) noexcept {
  auto* result = std::malloc(size == 0 ? 1 : size);
  if (result != nullptr) {
    held += static_cast<std::ptrdiff_t>(malloc_usable_size(result) + 8);
    most_held = std::max(most_held, held);
  }
  return result;
}

void* counted_malloc_or_throw(std::size_t size) {
  auto* result = counted_malloc(size);
  if (result == nullptr)
    throw std::bad_alloc{};
  return result;
}

void counted_free(void* x) noexcept {
  if (x != nullptr)
    held -= static_cast<std::ptrdiff_t>(malloc_usable_size(x) + 8);
  std::free(x);
}

} // namespace

// All forms without an alignment, because a sanitizer brings its own of those
// that are not here.
void* operator new(std::size_t size) {
  return counted_malloc_or_throw(size);
}
void* operator new[](std::size_t size) {
  return counted_malloc_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted_malloc(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted_malloc(size);
}
void operator delete(void* x) noexcept {
  counted_free(x);
}
void operator delete[](void* x) noexcept {
  counted_free(x);
}
void operator delete(void* x, std::size_t) noexcept {
  counted_free(x);
}
void operator delete[](void* x, std::size_t) noexcept {
  counted_free(x);
}
void operator delete(void* x, const std::nothrow_t&) noexcept {
  counted_free(x);
}
void operator delete[](void* x, const std::nothrow_t&) noexcept {
  counted_free(x);
}

namespace {

struct sized {
  double x = 0;
  std::string name;
};
TROUPE_FIELDS(sized, x, name)

struct one_number {
  double input = 0;
};
TROUPE_FIELDS(one_number, input)

constexpr std::size_t megabyte = 1'000'000;

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string result;
  result.reserve(bytes + piece.size());
  while (result.size() < bytes)
    result += piece;
  return result;
}

/// What a call holds at most beside what is there before, in bytes.
template <class F>
std::size_t memory_of(F&& f) {
  auto before = held;
  most_held = held;
  f();
  return static_cast<std::size_t>(most_held - before);
}

/// What reading a `T` takes beside its text, in sizes of the text.
template <class T>
double times_the_text(const std::string& text) {
  auto bytes = memory_of([&] {
    T x{};
    read_json(text, x);
  });
  return static_cast<double>(bytes) / static_cast<double>(text.size());
}

} // namespace

TEST(json_memory, a_typed_item_and_its_text_take_three_times_the_text) {
  auto zeros = '[' + repeated("0,", megabyte) + "0]";
  EXPECT_LE(times_the_text<std::vector<float>>(zeros), 2.05);
  auto plain = '"' + repeated("a", megabyte) + '"';
  EXPECT_LE(times_the_text<std::string>(plain), 1.05);
  auto escaped = '"' + repeated("a\\n", megabyte) + '"';
  EXPECT_LE(times_the_text<std::string>(escaped), 2.05);
  auto numbers = '[' + repeated("0.123,", megabyte) + "0]";
  EXPECT_LE(times_the_text<std::vector<double>>(numbers), 1.5);
  auto structs =
    '[' + repeated(R"({"x":0.5,"name":"abcdefghijklmnopq"},)", megabyte)
    + R"({"x":0,"name":""}])";
  EXPECT_LE(times_the_text<std::vector<sized>>(structs), 2.05);
  auto rows = '[' + repeated("[0.125,0.25],", megabyte) + "[]]";
  EXPECT_LE(times_the_text<std::vector<std::vector<float>>>(rows), 5.0)
    << "24 bytes for each row, and what the allocator takes";
  auto words =
    '[' + repeated(R"("abcdefghijklmnopqrstuvwxyz",)", megabyte) + R"(""])";
  EXPECT_LE(times_the_text<std::vector<std::string>>(words), 2.9);
}

TEST(json_memory, numbers_of_one_digit_take_what_their_type_takes) {
  // The worst of JSON for a typed item: 8 bytes for 2 of text, so 5 times the
  // text with it. No room is made beyond that.
  auto zeros = '[' + repeated("0,", megabyte) + "0]";
  EXPECT_LE(times_the_text<std::vector<double>>(zeros), 4.01);
  EXPECT_LE(times_the_text<std::vector<std::uint8_t>>(zeros), 0.51);
  json_reader in{zeros};
  in.next();
  std::vector<double> x;
  reading::take_value(in, x);
  EXPECT_EQ(in.charged(), x.size() * sizeof(double)) << "paid as it is";
}

TEST(json_memory, a_vector_that_grows_pays_for_both_of_its_memories) {
  // So deep that nobody looks ahead.
  auto text = "[[[[[" + repeated("\"\",", megabyte / 4) + "\"\"]]]]]";
  using deep = std::vector<
    std::vector<std::vector<std::vector<std::vector<std::string>>>>>;
  std::size_t charged = 0;
  auto bytes = memory_of([&] {
    deep x;
    json_reader in{text};
    in.next();
    reading::take_value(in, x);
    charged = in.charged();
  });
  EXPECT_LE(bytes, 3 * charged / 2 + 10'000);
  EXPECT_THROW(
    {
      deep x;
      read_json(text, x, {.max_memory = charged});
    },
    json_memory_error);
}

TEST(json_memory, what_no_member_takes_costs_nothing) {
  auto tower = std::string(98, '[') + std::string(98, ']') + ',';
  for (const auto& piece : {tower, std::string{"{\"\":0},"}, std::string{"[],"},
                            std::string{"0,"}, std::string{"\"a\","}}) {
    auto values = '[' + repeated(piece, megabyte) + "0]";
    auto text = R"({"other":)" + values + R"(,"input":1})";
    EXPECT_LE(memory_of([&] {
                one_number x;
                read_json(text, x);
              }),
              1000U);
    EXPECT_LE(memory_of([&] {
                one_number x;
                EXPECT_THROW(read_json(values, x), validation_error);
              }),
              2000U);
  }
}

TEST(json_memory, a_document_takes_no_more_than_its_limit) {
  constexpr std::size_t limit = megabyte;
  auto tower = std::string(99, '[') + std::string(99, ']') + ',';
  for (const auto& piece :
       {tower, std::string{"{\"\":0},"}, std::string{"[],"}, std::string{"0,"},
        std::string{"\"a\","}, std::string{"\"abcdefghijklmnop\","},
        std::string{"{\"abcdefghijklmnopqrs\":{}},"}, std::string{"[0,0,[]],"},
        std::string{"[1,2],"}, std::string{"{},"}}) {
    auto text = '[' + repeated(piece, 4 * megabyte) + "0]";
    auto bytes = memory_of([&] {
      EXPECT_THROW(parse_json(text, {.max_memory = limit}), json_memory_error);
    });
    EXPECT_LE(bytes, limit + limit / 2) << piece;
  }
}

TEST(json_memory, a_typed_item_takes_no_more_than_its_limit) {
  constexpr std::size_t limit = megabyte;
  json_limits limits{.max_memory = limit};
  auto check = [&]<class T>(std::string_view piece, T) {
    auto text = '[' + repeated(piece, 4 * megabyte) + "0]";
    auto bytes = memory_of([&] {
      T x;
      EXPECT_THROW(read_json(text, x, limits), json_memory_error);
    });
    EXPECT_LE(bytes, limit + limit / 2) << piece;
  };
  check("0,", std::vector<double>{});
  check("[],", std::vector<std::vector<int>>{});
  check("null,", std::vector<std::optional<sized>>{});
  check("{},", std::vector<std::map<std::string, int>>{});
  check("\"abcdefghijklmnop\",", std::vector<std::string>{});
}
