#include "tests/remembered_signatures.h"

#include <cstdlib>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "proto/crypto.h"

namespace {

using chibo::Hash;

// Past operator new, which counts what a simulated machine takes: this is no machine's.
template <typename T>
struct Uncounted {
  using value_type = T;

  Uncounted() = default;
  template <typename Other>
  explicit Uncounted(const Uncounted<Other>& /*other*/) {}

  T* allocate(std::size_t count) {
    void* const block = std::malloc(count * sizeof(T));
    CHECK(block != nullptr);
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t /*count*/) { std::free(block); }

  friend bool operator==(const Uncounted&, const Uncounted&) = default;
};

using Answers = std::unordered_map<Hash, int, std::hash<Hash>, std::equal_to<>,
                                   Uncounted<std::pair<const Hash, int>>>;

Answers& Remembered() {
  static Answers remembered;
  return remembered;
}

std::mutex& Lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

void chibo::ForgetSignatures() {
  const std::lock_guard<std::mutex> locked(Lock());
  Remembered().clear();
}

// The linker puts these in the place of the library's function (--wrap).
extern "C" {

int __real_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);
int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key);

int __wrap_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long size, const unsigned char* key) {
  const auto view = [](const unsigned char* bytes, std::size_t count) {
    return chibo::ByteView(reinterpret_cast<const char*>(bytes), count);
  };
  const Hash asked = chibo::Sha256({view(key, chibo::SignPublicKey::kSize),
                                    view(signature, chibo::Signature::kSize), view(message, size)});
  {
    const std::lock_guard<std::mutex> locked(Lock());
    const auto known = Remembered().find(asked);
    if (known != Remembered().end()) {
      return known->second;
    }
  }
  const int answer = __real_crypto_sign_verify_detached(signature, message, size, key);
  const std::lock_guard<std::mutex> locked(Lock());
  Remembered().try_emplace(asked, answer);
  return answer;
}
}
