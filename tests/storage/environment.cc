#include <gtest/gtest.h>

#include "proto/crypto.h"

namespace chibo {
namespace {

class CryptoEnvironment final : public testing::Environment {
 public:
  void SetUp() override { InitCrypto(); }
};

const auto* const kEnvironment = testing::AddGlobalTestEnvironment(new CryptoEnvironment);

}  // namespace
}  // namespace chibo
