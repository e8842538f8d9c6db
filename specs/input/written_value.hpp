#pragma once

#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/document_writer.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

/// Writes values of a user's types straight into JSON text: the bytes that a
/// document of them would give, without the document.
namespace troupe {

namespace writing {

/// A map whose keys come in the order of a document's.
template <class T>
struct is_ordered_map : std::false_type {};
template <class T, class A>
struct is_ordered_map<std::map<std::string, T, std::less<std::string>, A>>
  : std::true_type {};
template <class T, class A>
struct is_ordered_map<std::map<std::string, T, std::less<>, A>>
  : std::true_type {};

/// Where the members of a struct stand by their names, as in a document.
struct member_order {
  std::array<std::uint8_t, reading::max_members> index{};
  std::size_t size = 0;
  /// As declared.
  bool is_sorted = true;
};

template <class T>
member_order order_of(const T& x) {
  member_order result;
  std::array<std::string_view, reading::max_members> names;
  visit_fields(x, [&](const char* name, const auto&) {
    result.index[result.size] = static_cast<std::uint8_t>(result.size);
    names[result.size++] = name;
  });
  auto* end = result.index.data() + result.size;
  auto before = [&](auto lhs, auto rhs) { return names[lhs] < names[rhs]; };
  result.is_sorted = std::is_sorted(result.index.data(), end, before);
  std::sort(result.index.data(), end, before);
  return result;
}

/// Writes one value.
class value_writer {
public:
  explicit value_writer(std::string& out) : text_(out) {
    // nop
  }

  template <class T>
  void write(const T& x) {
    if constexpr (std::is_same_v<T, nlohmann::json>)
      write_document(x);
    else if constexpr (std::is_same_v<T, bool>)
      text_.put(x ? std::string_view{"true"} : std::string_view{"false"});
    else if constexpr (std::signed_integral<T>)
      text_.write_integer(x);
    else if constexpr (std::unsigned_integral<T>)
      text_.write_unsigned(x);
    else if constexpr (std::floating_point<T>)
      write_number(static_cast<double>(x));
    else if constexpr (std::is_same_v<T, std::string>)
      text_.write_string(x);
    else if constexpr (reading::is_vector<T>::value
                       || reading::is_array<T>::value)
      write_sequence(x);
    else if constexpr (is_ordered_map<T>::value)
      write_map(x);
    else if constexpr (reading::has_members<T>)
      write_members(x);
    else
      write_document(nlohmann::json(x));
  }

  /// Completes the text. @returns whether all of it could be written
  bool finish() {
    text_.flush();
    return complete_;
  }

private:
  void write_document(const nlohmann::json& x) {
    if (is_writable(x, depth_))
      text_.write(x);
    else
      complete_ = false;
  }

  void write_number(double x) {
    complete_ = complete_ && std::isfinite(x);
    text_.write_number(x);
  }

  /// Writes what is inside one level more; nothing when that is too deep.
  template <class F>
  void inside(char begin, char end, F f) {
    text_.put(begin);
    if (depth_ == max_answer_depth) {
      complete_ = false;
    } else {
      ++depth_;
      f();
      --depth_;
    }
    text_.put(end);
  }

  template <class T>
  void write_sequence(const T& x) {
    inside('[', ']', [&] {
      auto more = false;
      for (const auto& element : x) {
        if (more)
          text_.put(',');
        more = true;
        write<typename T::value_type>(element);
      }
    });
  }

  template <class T>
  void write_map(const T& x) {
    inside('{', '}', [&] {
      auto more = false;
      for (const auto& [key, value] : x) {
        if (more)
          text_.put(',');
        more = true;
        text_.write_string(key);
        text_.put(':');
        write(value);
      }
    });
  }

  /// An empty `std::optional` is left out.
  template <class T>
  void write_members(const T& x) {
    static const auto order = order_of(x);
    inside('{', '}', [&] {
      auto more = false;
      auto one = [&](const char* name, const auto& member) {
        using type = std::remove_cvref_t<decltype(member)>;
        constexpr auto may_miss = reading::is_optional<type>::value;
        if constexpr (may_miss)
          if (!member)
            return;
        text_.put(more ? std::string_view{",\""} : std::string_view{"\""});
        more = true;
        text_.put(std::string_view{name});
        text_.put(std::string_view{"\":"});
        if constexpr (may_miss)
          write(*member);
        else
          write(member);
      };
      if (order.is_sorted) {
        visit_fields(x, one);
        return;
      }
      for (std::size_t next = 0; next < order.size; ++next) {
        std::size_t i = 0;
        visit_fields(x, [&](const char* name, const auto& member) {
          if (i++ == order.index[next])
            one(name, member);
        });
      }
    });
  }

  document_writer text_;
  std::size_t depth_ = 0;
  bool complete_ = true;
};

} // namespace writing

/// A value that `write_json` writes without a document.
template <class T>
concept written_value = std::is_arithmetic_v<T> || std::is_same_v<
  T, std::string> || reading::is_vector<T>::value || reading::is_array<T>::
  value || writing::is_ordered_map<T>::value || reading::has_members<T>;

/// Appends the JSON of a value: what `dump_json` makes of its document. Members
/// of a type with a `to_json` written by hand become documents on the way.
/// @throws std::domain_error as `expect_finite` does
template <class T>
void write_json(std::string& out, const T& x) {
  const auto before = out.size();
  writing::value_writer writer{out};
  writer.write(x);
  if (writer.finish())
    return;
  out.resize(before);
  // Says what it is, and where.
  const nlohmann::json document(x);
  expect_finite(document);
  dump_json_to(out, document);
}

} // namespace troupe
