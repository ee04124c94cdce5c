#include <gtest/gtest.h>

#include "proto/crypto.h"

// Part of every test program but that of base/: the library is ready before the first test.
namespace chibo {
namespace {

class CryptoEnvironment final : public testing::Environment {
 public:
  void SetUp() override { InitCrypto(); }
};

const auto* const kEnvironment = testing::AddGlobalTestEnvironment(new CryptoEnvironment);

}  // namespace
}  // namespace chibo
