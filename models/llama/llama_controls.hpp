#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// A part of a text, in bytes.
struct text_range {
  std::size_t begin;
  std::size_t end;

  bool operator==(const text_range&) const = default;
};

/// A prompt. The parts that users wrote are foreign: there, the text of a
/// control token (`<|im_end|>`) is plain text, so that no user can begin the
/// turn of another role.
struct prompt_text {
  std::string text = {};
  /// In order; they do not overlap.
  std::vector<text_range> foreign = {};
};

/// The texts of a vocabulary's control tokens.
class control_texts {
public:
  /// @param always whether the token is one wherever it stands. Others, which
  ///        vocabularies call user-defined, are marks of turns only in prompts
  ///        whose own part has them.
  void add(std::string_view text, bool always);

  /// Returns where to cut a prompt so that no part has a control token's text
  /// that is foreign, even by a byte. In order; never within a code point.
  [[nodiscard]] std::vector<std::size_t> cuts(const prompt_text& x) const;

private:
  /// Calls `f` with the place and the text of each that touches `[begin,end)`.
  template <class F>
  void find(std::string_view in, std::size_t begin, std::size_t end,
            F&& f) const;

  /// Each text, and whether it is one always.
  std::unordered_map<std::string, bool> texts_;
  std::array<bool, 256> first_bytes_ = {};
  /// Lengths that there are, ascending.
  std::vector<std::size_t> lengths_;
};

} // namespace troupe
