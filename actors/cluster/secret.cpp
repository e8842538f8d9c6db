#include "troupe/actors/cluster/secret.hpp"

#include "troupe/specs/text/text.hpp"

#include <array>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <span>
#include <stdexcept>

namespace troupe {

namespace {

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string result;
  for (auto x : bytes) {
    result += lower_hex_digits[x >> 4U];
    result += lower_hex_digits[x & 15U];
  }
  return result;
}

} // namespace

std::string make_nonce() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system has no random bytes");
  return to_hex(bytes);
}

std::string sign(std::string_view secret, std::string_view nonce,
                 std::string_view name) {
  std::string text{nonce};
  text += '\n';
  text += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       out.data(), &size);
  return to_hex(std::span{out}.first(size));
}

bool same_proof(std::string_view lhs, std::string_view rhs) noexcept {
  return lhs.size() == rhs.size()
         && CRYPTO_memcmp(lhs.data(), rhs.data(), lhs.size()) == 0;
}

} // namespace troupe
