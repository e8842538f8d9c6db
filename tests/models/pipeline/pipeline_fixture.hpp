#pragma once

#include "troupe/specs/pipeline/pipeline_scope.hpp"

#include <nlohmann/json.hpp>

namespace troupe {

/// A request with a JSON body, and a scope on it.
struct request_source final : pipeline_source {
  explicit request_source(nlohmann::json body) : document(std::move(body)) {
    from.target = "/x?lang=en&lang=de";
    from.params.emplace_back("id", "7");
    from.body = document.dump();
  }

  [[nodiscard]] const troupe::request& request() const override {
    return from;
  }

  [[nodiscard]] const nlohmann::json& input() const override {
    return document;
  }

  troupe::request from;
  nlohmann::json document;
};

} // namespace troupe
