#pragma once

#include "troupe/specs/pipeline/pipeline_value.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// The request that a pipeline works for.
class pipeline_source {
public:
  virtual ~pipeline_source() = default;

  /// As it came.
  [[nodiscard]] virtual const troupe::request& request() const = 0;

  /// Its body as JSON, which is read once.
  /// @throws json_syntax_error and others of `request::json`
  [[nodiscard]] virtual const nlohmann::json& input() const = 0;
};

/// What a function of a pipeline may read: the request, and what the steps
/// before it gave. A value; copies share what they hold. It is read by several
/// threads at once and never changed, but for a copy of one's own.
class pipeline_scope {
public:
  explicit pipeline_scope(const pipeline_source& from) : source_(&from) {
    // nop
  }

  /// The client's request: headers, query, path parameters, bytes.
  [[nodiscard]] const troupe::request& request() const {
    return source_->request();
  }

  /// Its body as JSON. @throws as `request::json`
  [[nodiscard]] const nlohmann::json& input() const {
    return source_->input();
  }

  /// What the step before gave; in the first step of a `map` the item, in the
  /// first step of all the request.
  [[nodiscard]] const pipeline_value& last() const noexcept {
    return last_;
  }

  /// What a named step before this one gave; null when there is none.
  [[nodiscard]] const pipeline_value*
  find(std::string_view step) const noexcept;

  /// The document that a named step before this one gave.
  /// @throws std::out_of_range when there is none
  [[nodiscard]] const nlohmann::json& step(std::string_view name) const;

  /// In a `map`: the item, and its place from 0.
  /// @throws std::out_of_range elsewhere
  [[nodiscard]] const nlohmann::json& item() const;
  [[nodiscard]] std::size_t index() const;

  /// Whether this is in a `map`.
  [[nodiscard]] bool has_item() const noexcept {
    return item_ != nullptr;
  }

  // -- for the code that runs the pipeline ------------------------------------

  /// Notes what a step gave; one with a name can be found.
  /// @param name lives as long as the scope
  void took(std::string_view name, pipeline_value x);

  /// Enters a map's item.
  void enter(std::shared_ptr<const nlohmann::json> item, std::size_t index);

private:
  struct frame {
    std::string_view name;
    pipeline_value value;
    std::shared_ptr<const frame> before;
  };

  const pipeline_source* source_;
  std::shared_ptr<const frame> named_;
  pipeline_value last_;
  std::shared_ptr<const nlohmann::json> item_;
  std::size_t index_ = 0;
};

} // namespace troupe
