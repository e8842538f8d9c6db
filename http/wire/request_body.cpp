#include "troupe/http/wire/request_body.hpp"

#include "troupe/http/wire/free_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// What is reserved ahead of a body's arrival: a client that announces much
/// and sends nothing costs no memory.
constexpr std::size_t max_reserve = 64UL * 1024;

} // namespace

bool request_body::refuse(errc code, std::string_view detail) {
  why_ = make_failure(code, detail);
  return false;
}

bool request_body::refuse_unstored() {
  refuse(errc::internal, "The request's body could not be stored");
  constexpr int insufficient_storage = 507;
  if (spool_->out_of_room())
    why_.status = insufficient_storage;
  log_text_ = spool_->error();
  return false;
}

bool request_body::announce(std::uint64_t size) {
  if (size > max_size_)
    return refuse(errc::payload_too_large);
  // Of a coded body, it is not the length in memory.
  if (discard_ || coding_ != content_coding::identity)
    return true;
  announced_ = static_cast<std::size_t>(size);
  req_->body.reserve(std::min(*announced_, max_reserve));
  return true;
}

bool request_body::take(std::string_view bytes) {
  if (discard_)
    return true;
  return coding_ == content_coding::gzip ? decode(bytes) : keep(bytes);
}

bool request_body::decode(std::string_view bytes) {
  if (decoder_ == nullptr)
    decoder_ = std::make_unique<gzip_decoder>();
  for (std::string_view piece;;) {
    switch (decoder_->next(bytes, piece)) {
      case gzip_decoder::verdict::piece:
        if (!keep(piece))
          return false;
        break;
      case gzip_decoder::verdict::more:
        return true;
      case gzip_decoder::verdict::corrupt:
        return refuse(errc::bad_request,
                      "Content-Encoding: the body is not gzip, or damaged");
      case gzip_decoder::verdict::too_dense:
        return refuse(errc::payload_too_large,
                      "Content-Encoding: the body grows to more than 100 times "
                      "its size");
    }
  }
}

bool request_body::keep(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > max_size_)
    return refuse(errc::payload_too_large);
  auto& memory = req_->body;
  if (spool_ == nullptr) {
    if (memory.size() + bytes.size() > limits_->body_memory_bytes && !spools_)
      spools_ = req_->content_type() == "multipart/form-data";
    if (!spools_.value_or(false)) {
      make_room(bytes.size());
      memory.append(bytes);
      return true;
    }
    spool_ = std::make_unique<body_spool>(limits_->spool_dir);
    if (!spool_->append(memory))
      return refuse_unstored();
    free_text(memory);
  }
  return spool_->append(bytes) || refuse_unstored();
}

/// Fewer copies than by doubling, but never more than 16 times of what came:
/// memory follows the client's bytes, not its promises.
void request_body::make_room(std::size_t more) {
  auto& memory = req_->body;
  auto needed = memory.size() + more;
  if (needed <= memory.capacity() || !announced_)
    return;
  constexpr std::size_t factor = 16;
  memory.reserve(std::max(needed, std::min(*announced_, factor * needed)));
}

bool request_body::finish() {
  if (discard_)
    return true;
  if (decoder_ != nullptr) {
    if (!decoder_->complete())
      return refuse(errc::bad_request,
                    "Content-Encoding: the gzip body is cut off");
    decoder_ = nullptr;
    if (req_->headers.find("Content-Length"))
      req_->headers.set("Content-Length", std::to_string(size_));
  }
  if (spool_ == nullptr)
    return true;
  auto all = spool_->finish();
  if (!all)
    return refuse_unstored();
  req_->spooled = std::move(*all);
  // The mapping is enough: we may live on with an idle connection.
  spool_ = nullptr;
  return true;
}

} // namespace troupe
