#include "troupe/actors/cache/cache_key.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"

#include <openssl/evp.h>
#include <stdexcept>
#include <string_view>

namespace troupe {

namespace {

/// A digest of parts whose borders count.
class digest {
public:
  digest() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr
        || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("SHA-256 does not work");
  }

  ~digest() {
    EVP_MD_CTX_free(context_);
  }

  digest(const digest&) = delete;
  digest& operator=(const digest&) = delete;

  void add(std::string_view part) {
    const std::uint64_t size = part.size();
    EVP_DigestUpdate(context_, &size, sizeof(size));
    EVP_DigestUpdate(context_, part.data(), part.size());
  }

  std::string take() {
    std::string result(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_,
                       reinterpret_cast<unsigned char*>(result.data()), &size);
    result.resize(size);
    return result;
  }

private:
  EVP_MD_CTX* context_;
};

bool says_json(const std::string& type) {
  return type.empty() || type == "application/json" || type.ends_with("+json");
}

/// Adds the body as JSON. @returns false when it is not JSON
bool add_json(digest& out, const request& x) {
  try {
    if (x.document != nullptr) {
      out.add("json");
      out.add(dump_json(*x.document));
      return true;
    }
    if (x.bytes().size() > largest_canonical_body
        || !says_json(x.content_type()))
      return false;
    auto text = dump_json(x.json());
    out.add("json");
    out.add(text);
    return true;
  } catch (const std::exception&) {
    // The model will say what is wrong with it.
    return false;
  }
}

} // namespace

std::string cache_key(const request& x, const std::vector<std::string>& vary) {
  digest out;
  if (!add_json(out, x)) {
    out.add("bytes");
    out.add(x.header("Content-Type"));
    out.add(x.bytes());
  }
  out.add(x.query());
  for (const auto& [name, value] : x.params) {
    out.add(name);
    out.add(value);
  }
  for (const auto& name : vary)
    for (std::size_t i = 0; i < x.headers.size(); ++i)
      if (iequals(x.headers[i].name, name)) {
        out.add(name);
        out.add(x.headers[i].value);
      }
  return out.take();
}

} // namespace troupe
