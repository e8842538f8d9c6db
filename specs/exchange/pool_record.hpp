#pragma once

#include "troupe/specs/exchange/admission.hpp"

#include <cstdint>

namespace troupe {

/// What a POOL keeps of an exchange while it has it. Written by that POOL only.
/// It is a part of the exchange, and so takes no allocation of its own.
struct pool_record {
  /// The client's place among those that it may have at once, where the model
  /// bounds these.
  admission_ticket client_ticket = {};

  /// How many workers have had the exchange.
  std::uint8_t attempts = 0;

  /// How many workers gave it back without having begun with it.
  std::uint8_t refusals = 0;
};

} // namespace troupe
