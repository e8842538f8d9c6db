#pragma once

#include <stdexcept>
#include <string>

namespace troupe {

/// Loading or running a GGUF model failed.
class llama_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Makes llama.cpp ready: loads the backends that lie beside the library,
/// wherever that is, and silences it. Once in a process, whose state this is;
/// later calls do nothing. Safe from every thread.
/// @throws llama_error when no backend for this processor is found
void start_llama_library();

/// Keeps what llama.cpp says is wrong, on the calling thread, while it lives.
/// Needed because the library's functions return no reasons. One at a time.
class llama_complaints {
public:
  llama_complaints();

  ~llama_complaints();

  llama_complaints(const llama_complaints&) = delete;
  llama_complaints& operator=(const llama_complaints&) = delete;

  /// Returns `what`, with what the library said about it.
  [[nodiscard]] std::string explain(const std::string& what) const;

private:
  std::string text_;
};

} // namespace troupe
