#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace troupe {

/// Undoes gzip (RFC 1952), piece by piece, without ever holding more than one
/// of them. Members may follow each other; nothing else may.
class gzip_decoder {
public:
  /// Beyond this, the decoded size is bounded by the size of the data. In
  /// bytes.
  static constexpr std::uint64_t free_bytes = 1024UL * 1024;
  static constexpr std::uint64_t max_ratio = 100;

  /// @throws std::bad_alloc
  gzip_decoder();

  gzip_decoder(const gzip_decoder&) = delete;
  gzip_decoder& operator=(const gzip_decoder&) = delete;

  ~gzip_decoder();

  enum class verdict : std::uint8_t {
    /// `out` is the next piece.
    piece,
    /// More data is needed; `in` is used up.
    more,
    /// The data is not gzip, or it is damaged.
    corrupt,
    /// It grows beyond `free_bytes` and `max_ratio` times its size.
    too_dense,
  };

  /// Takes data off `in`. Call it until it returns something other than
  /// `piece`.
  /// @param out lives until the next call
  verdict next(std::string_view& in, std::string_view& out);

  /// Whether the data so far is whole.
  [[nodiscard]] bool complete() const noexcept {
    return between_members_ && taken_ > 0;
  }

private:
  struct stream;

  std::unique_ptr<stream> stream_;
  bool between_members_ = true;
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
  std::array<char, 16UL * 1024> buffer_{};
};

} // namespace troupe
