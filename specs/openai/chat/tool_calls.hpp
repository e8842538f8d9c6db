#pragma once

#include "troupe/specs/openai/chat/model_answer.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::openai {

/// A call of an answer that is over.
struct tool_call {
  std::string id = {};
  std::string name = {};
  /// JSON as text; "{}" for none.
  std::string arguments = {};
};

/// Numbers the pieces of an answer's calls, and completes them so that a client
/// can join them: an id and a name once for each call, whole code points.
class call_assembler {
public:
  /// @param prefix of the ids that are made; the call's number follows
  /// @param keeps whether the arguments are kept for `calls`
  call_assembler(std::string prefix, bool keeps)
    : prefix_(std::move(prefix)), keeps_(keeps) {
    // nop
  }

  /// Takes a piece, and leaves in it what is new to the client.
  /// @throws std::runtime_error with a text for the log when the calls are too
  ///         many
  void push(tool_call_piece& x);

  /// Ends all calls: appends to the answer's last pieces what is missing, `{}`
  /// for arguments that never came.
  void finish(std::vector<tool_call_piece>& last);

  [[nodiscard]] bool empty() const noexcept {
    return parts_.empty();
  }

  /// After `finish`, unless nothing is kept.
  [[nodiscard]] std::vector<tool_call> calls() const;

private:
  struct part {
    std::uint64_t index = 0;
    tool_call call = {};
    bool has_arguments = false;
    utf8_assembler assembler = {};
  };

  part& part_of(const tool_call_piece& x);

  std::string prefix_;
  bool keeps_;
  std::vector<part> parts_;
};

} // namespace troupe::openai
