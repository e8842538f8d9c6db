#pragma once

#include "troupe/specs/values/reply.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace troupe {

/// What passes from one step of a pipeline to the next: a document, bytes with
/// a content type, or, by default, the request of the client as it came. A
/// value; copies share what it holds.
class pipeline_value {
public:
  pipeline_value() = default;

  /*implicit*/ pipeline_value(nlohmann::json document)
    : document_(std::make_shared<const nlohmann::json>(std::move(document))) {
    // nop
  }

  explicit pipeline_value(std::shared_ptr<const nlohmann::json> document)
    : document_(std::move(document)) {
    // nop
  }

  explicit pipeline_value(payload::bytes raw)
    : raw_(std::make_shared<const payload::bytes>(std::move(raw))) {
    // nop
  }

  /// Takes what a model answered; a file is read, and nothing becomes null.
  /// @throws std::runtime_error when a file cannot be read any more
  static pipeline_value of(payload body);

  /// Returns the document, or null for another kind.
  [[nodiscard]] const std::shared_ptr<const nlohmann::json>&
  document() const noexcept {
    return document_;
  }

  /// Returns the bytes, or null for another kind.
  [[nodiscard]] const std::shared_ptr<const payload::bytes>&
  raw() const noexcept {
    return raw_;
  }

  /// Returns whether this stands for the client's request.
  [[nodiscard]] bool is_request() const noexcept {
    return document_ == nullptr && raw_ == nullptr;
  }

  /// Returns it as JSON: bytes, also those of the client's request, become text
  /// in base64.
  [[nodiscard]] nlohmann::json to_json(const request& from) const;

  /// Returns it as an answer's body.
  [[nodiscard]] payload to_payload(const request& from) const;

private:
  std::shared_ptr<const nlohmann::json> document_;
  std::shared_ptr<const payload::bytes> raw_;
};

} // namespace troupe
