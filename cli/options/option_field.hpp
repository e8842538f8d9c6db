#pragma once

#include "troupe/cli/options/option.hpp"

#include <chrono>
#include <cmath>
#include <concepts>
#include <filesystem>
#include <limits>
#include <utility>

/// Makes lines of the option table from members of `config_draft`: the
/// member's type says what JSON it takes, its initialiser is the default.
namespace troupe::fields {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A deadline further away than a year is a typo, and keeps every sum of
/// time points far from overflow.
inline constexpr std::int64_t max_ms = 365LL * 24 * 3600 * 1000;

/// A limit above a tebibyte is a typo.
inline constexpr std::int64_t max_bytes = 1LL << 40;

template <class T>
struct json_form;

template <>
struct json_form<bool> {
  static constexpr auto kind = option_kind::boolean;
  static std::optional<nlohmann::json> show(bool x) {
    return x;
  }
  static void read(const nlohmann::json& j, bool& out) {
    out = j.get<bool>();
  }
};

template <std::integral T>
struct json_form<T> {
  static constexpr auto kind = option_kind::integer;
  static std::optional<nlohmann::json> show(T x) {
    return x;
  }
  static void read(const nlohmann::json& j, T& out) {
    out = j.is_number_float() ? static_cast<T>(j.get<double>()) : j.get<T>();
  }
};

template <>
struct json_form<double> {
  static constexpr auto kind = option_kind::number;
  static std::optional<nlohmann::json> show(double x) {
    if (x == std::trunc(x))
      return static_cast<std::int64_t>(x);
    return x;
  }
  static void read(const nlohmann::json& j, double& out) {
    out = j.get<double>();
  }
};

template <>
struct json_form<std::vector<std::string>> {
  static constexpr auto kind = option_kind::strings;
  static std::optional<nlohmann::json>
  show(const std::vector<std::string>& xs) {
    return nlohmann::json(xs);
  }
  static void read(const nlohmann::json& j, std::vector<std::string>& out) {
    out = j.get<std::vector<std::string>>();
  }
};

template <>
struct json_form<std::chrono::seconds> {
  static constexpr auto kind = option_kind::integer;
  static std::optional<nlohmann::json> show(std::chrono::seconds x) {
    return x.count();
  }
  static void read(const nlohmann::json& j, std::chrono::seconds& out) {
    std::int64_t count = 0;
    json_form<std::int64_t>::read(j, count);
    out = std::chrono::seconds{count};
  }
};

template <>
struct json_form<milliseconds> {
  static constexpr auto kind = option_kind::integer;
  static std::optional<nlohmann::json> show(milliseconds x) {
    return x.count();
  }
  static void read(const nlohmann::json& j, milliseconds& out) {
    std::int64_t count = 0;
    json_form<std::int64_t>::read(j, count);
    out = milliseconds{count};
  }
};

/// Milliseconds with a fraction; rounded to whole microseconds.
template <>
struct json_form<microseconds> {
  static constexpr auto kind = option_kind::number;
  static std::optional<nlohmann::json> show(microseconds x) {
    if (x.count() % 1000 == 0)
      return x.count() / 1000;
    return static_cast<double>(x.count()) / 1000.0;
  }
  static void read(const nlohmann::json& j, microseconds& out) {
    out = microseconds{std::llround(j.get<double>() * 1000.0)};
  }
};

template <>
struct json_form<std::string> {
  static constexpr auto kind = option_kind::string;
  static std::optional<nlohmann::json> show(const std::string& x) {
    if (x.empty())
      return std::nullopt;
    return x;
  }
  static void read(const nlohmann::json& j, std::string& out) {
    out = j.get<std::string>();
  }
};

template <>
struct json_form<std::filesystem::path> {
  static constexpr auto kind = option_kind::string;
  static std::optional<nlohmann::json> show(const std::filesystem::path& x) {
    return json_form<std::string>::show(x.string());
  }
  static void read(const nlohmann::json& j, std::filesystem::path& out) {
    out = j.get<std::string>();
  }
};

template <>
struct json_form<nlohmann::json> {
  static constexpr auto kind = option_kind::anything;
  static std::optional<nlohmann::json> show(const nlohmann::json& x) {
    return x;
  }
  static void read(const nlohmann::json& j, nlohmann::json& out) {
    out = j;
  }
};

template <class T>
struct json_form<std::optional<T>> {
  static constexpr auto kind = json_form<T>::kind;
  static std::optional<nlohmann::json> show(const std::optional<T>& x) {
    return x ? json_form<T>::show(*x) : std::nullopt;
  }
  static void read(const nlohmann::json& j, std::optional<T>& out) {
    json_form<T>::read(j, out.emplace());
  }
};

/// A draft with one entry of each sort, to take defaults from.
inline config_draft default_draft() {
  config_draft result;
  result.models.emplace_back();
  result.specs.emplace_back();
  return result;
}

/// An option for what `member(draft)` returns a reference to.
template <class Member>
option field(std::string key, Member member, std::string doc) {
  using type =
    std::remove_reference_t<std::invoke_result_t<Member, config_draft&>>;
  auto defaults = default_draft();
  option result;
  result.key = std::move(key);
  result.kind = json_form<type>::kind;
  result.doc = std::move(doc);
  result.fallback = json_form<type>::show(member(defaults));
  result.apply = [member](config_draft& d, const nlohmann::json& j) {
    json_form<type>::read(j, member(d));
  };
  return result;
}

/// As `field`, for numbers from `min` to `max`.
template <class Member>
option bounded(std::string key, Member member, std::int64_t min,
               std::int64_t max, std::string doc) {
  auto result = field(std::move(key), member, std::move(doc));
  result.min = min;
  result.max = max;
  return result;
}

/// As `field`, for a string that must not be empty.
template <class Member>
option text(std::string key, Member member, std::string doc) {
  return bounded(std::move(key), member, 1, 0, std::move(doc));
}

/// An option for a time in milliseconds that 0 and `false` switch off.
template <class Member>
option time_or_false(std::string key, Member member, std::string doc) {
  auto result = bounded(std::move(key), member, 0, max_ms, std::move(doc));
  result.kind = option_kind::time_or_false;
  result.apply = [member](config_draft& d, const nlohmann::json& j) {
    std::int64_t count = 0;
    if (!j.is_boolean())
      json_form<std::int64_t>::read(j, count);
    member(d) = milliseconds{count};
  };
  return result;
}

/// An option for an optional path; `false` unsets it.
template <class Member>
option path_or_false(std::string key, Member member, std::string doc) {
  auto result = field(std::move(key), member, std::move(doc));
  result.kind = option_kind::path_or_false;
  result.apply = [member](config_draft& d, const nlohmann::json& j) {
    member(d).reset();
    if (j.is_string())
      member(d) = j.get<std::string>();
  };
  return result;
}

/// An option for an enum whose values have names.
template <class Enum, class Member>
option choice(std::string key, Member member,
              std::vector<std::pair<std::string, Enum>> names,
              std::string doc) {
  auto defaults = default_draft();
  option result;
  result.key = std::move(key);
  result.kind = option_kind::choice;
  result.doc = std::move(doc);
  for (const auto& [name, value] : names) {
    result.choices.push_back(name);
    if (member(defaults) == value)
      result.fallback = name;
  }
  result.apply = [member, names = std::move(names)](config_draft& d,
                                                    const nlohmann::json& j) {
    for (const auto& [name, value] : names)
      if (j == name)
        member(d) = value;
  };
  return result;
}

/// An object whose keys are not Troupe's.
template <class Member>
option free_object(std::string key, Member member, std::string doc) {
  auto result = field(std::move(key), member, std::move(doc));
  result.kind = option_kind::free_object;
  return result;
}

/// An object of options.
inline option section(std::string key, std::string doc,
                      std::vector<option> nested) {
  option result;
  result.key = std::move(key);
  result.doc = std::move(doc);
  result.nested = std::move(nested);
  return result;
}

} // namespace troupe::fields
