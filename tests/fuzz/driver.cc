// One program a target: CHIBO_FUZZ_TARGET names it. libFuzzer brings main.
#include <cstddef>
#include <cstdint>

#include "proto/crypto.h"
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  chibo::InitCrypto();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const chibo::fuzz::Target& kTarget = chibo::fuzz::TargetNamed(CHIBO_FUZZ_TARGET);
  kTarget.run(chibo::ByteView(reinterpret_cast<const char*>(data), size));
  return 0;
}
