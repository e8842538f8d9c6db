#include "troupe/models/llama/llama_library.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <ggml-backend.h>
#include <llama.h>
#include <mutex>

namespace troupe {

namespace {

/// A longer text says no more.
constexpr std::size_t max_complaint = 500;

/// Where the thread's complaints go, if somebody wants them.
thread_local std::string* complaints = nullptr;

void on_log(ggml_log_level level, const char* text, void*) {
  if (complaints == nullptr || level != GGML_LOG_LEVEL_ERROR
      || complaints->size() > max_complaint)
    return;
  *complaints += text;
}

void load_backends() {
  llama_log_set(on_log, nullptr);
  auto has_cpu = [] {
    return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) != nullptr;
  };
  // Some builds have it linked in.
  if (!has_cpu()) {
    // Left to itself, the library looks beside the program and in the current
    // folder.
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&ggml_backend_load_all_from_path),
               &info)
          == 0
        || info.dli_fname == nullptr)
      throw llama_error("cannot tell where the library of ggml is");
    auto folder =
      std::filesystem::absolute(info.dli_fname).parent_path().string();
    ggml_backend_load_all_from_path(folder.c_str());
    if (!has_cpu())
      throw llama_error("no backend for this processor (libggml-cpu-*.so) in "
                        + folder);
  }
  llama_backend_init();
}

} // namespace

void start_llama_library() {
  static std::once_flag once;
  std::call_once(once, load_backends);
}

llama_complaints::llama_complaints() {
  complaints = &text_;
}

llama_complaints::~llama_complaints() {
  complaints = nullptr;
}

std::string llama_complaints::explain(const std::string& what) const {
  if (text_.empty())
    return what;
  auto result = what + ": " + text_;
  while (result.ends_with('\n'))
    result.pop_back();
  for (auto& c : result)
    c = c == '\n' ? ' ' : c;
  return result;
}

} // namespace troupe
