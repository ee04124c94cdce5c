#include "tests/orders/remembered_signatures.h"

#include <string>
#include <unordered_map>

#include "proto/ids.h"

namespace {

std::unordered_map<std::string, int>& Remembered() {
  static std::unordered_map<std::string, int> remembered;
  return remembered;
}

}  // namespace

void chibo::orders::ForgetSignatures() { Remembered().clear(); }

// The linker puts these in the place of the library's function (--wrap).
extern "C" {

int __real_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);
int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);

int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key) {
  std::string asked(reinterpret_cast<const char*>(key), chibo::SignPublicKey::kSize);
  asked.append(reinterpret_cast<const char*>(signature), chibo::Signature::kSize);
  asked.append(reinterpret_cast<const char*>(message), size);
  const auto [known, added] = Remembered().try_emplace(std::move(asked), 0);
  if (added) {
    known->second = __real_crypto_sign_verify_detached(signature, message, size, key);
  }
  return known->second;
}
}
