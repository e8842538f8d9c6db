#pragma once

#include "troupe/specs/values/shared_bytes.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Frames of the worker protocol, see docs/worker-protocol.md. Nothing here
/// reads or writes a socket.
namespace troupe::worker {

inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::size_t prefix_size = 8;
inline constexpr std::size_t max_header_size = 16UL * 1024 * 1024;
inline constexpr std::size_t max_inline_size = 16UL * 1024 * 1024;
/// What the inline parts of a frame take at most when we make it; the others
/// go to its memory file.
inline constexpr std::size_t inline_limit = 65'536;
/// Of the parts in a memory file.
inline constexpr std::size_t part_alignment = 64;

/// The far side broke the protocol.
class protocol_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A frame on its way out: the members of its header and its parts. A value;
/// the bytes of the parts stay with the caller until the frame is sent.
class outgoing_frame {
public:
  explicit outgoing_frame(std::string_view type);

  /// Appends a member to the header. Keys are ours and need no escapes.
  outgoing_frame& text(std::string_view key, std::string_view value);
  outgoing_frame& number(std::string_view key, std::uint64_t value);
  outgoing_frame& flag(std::string_view key, bool value);
  /// @param json a JSON text
  outgoing_frame& json(std::string_view key, std::string_view json);

  /// Takes a part. @returns its number
  std::size_t add_part(std::string_view bytes);

  /// Decides where the parts go and completes the header; called once, last.
  void close();

  // -- after `close` ----------------------------------------------------------

  /// Prefix and header, as they are sent.
  [[nodiscard]] const std::string& head() const noexcept {
    return head_;
  }

  [[nodiscard]] const std::vector<std::string_view>&
  inline_parts() const noexcept {
    return inline_;
  }

  struct placed {
    std::size_t offset;
    std::string_view bytes;
  };

  /// Of the memory file; empty when the frame has none.
  [[nodiscard]] const std::vector<placed>& file_parts() const noexcept {
    return file_;
  }

  [[nodiscard]] std::size_t file_size() const noexcept {
    return file_size_;
  }

private:
  void key(std::string_view name);

  std::string head_;
  std::vector<std::string_view> parts_;
  std::vector<std::string_view> inline_;
  std::vector<placed> file_;
  std::size_t file_size_ = 0;
};

/// The sizes at the beginning of a frame.
struct frame_prefix {
  std::size_t header_size = 0;
  std::size_t inline_size = 0;
};

/// @throws protocol_error for sizes that no frame may have
[[nodiscard]] frame_prefix read_prefix(std::string_view bytes);

/// A frame that came in.
class incoming_frame {
public:
  /// @param header the JSON text
  /// @param inline_bytes of all inline parts
  /// @throws protocol_error
  incoming_frame(std::string_view header, std::string inline_bytes);

  /// Whether its memory file must come with it.
  [[nodiscard]] bool wants_file() const noexcept {
    return wants_file_;
  }

  /// Takes the mapped memory file.
  /// @pre wants_file()
  /// @throws protocol_error when a part does not lie in it
  void attach(shared_bytes file);

  [[nodiscard]] const nlohmann::json& header() const noexcept {
    return header_;
  }

  [[nodiscard]] nlohmann::json& header() noexcept {
    return header_;
  }

  /// Returns the header's `type`.
  [[nodiscard]] const std::string& type() const noexcept {
    return type_;
  }

  /// Returns the bytes of a part; they live as long as this.
  /// @throws protocol_error when there is no such part
  [[nodiscard]] std::string_view part(std::size_t number) const;

  /// Returns the memory file if the part lies in it, else nothing.
  [[nodiscard]] shared_bytes mapped_part(std::size_t number) const;

private:
  struct place {
    bool in_file;
    std::size_t offset;
    std::size_t size;
  };

  void read_parts();

  nlohmann::json header_;
  std::string type_;
  std::string inline_bytes_;
  shared_bytes file_;
  std::vector<place> places_;
  bool wants_file_ = false;
};

} // namespace troupe::worker
