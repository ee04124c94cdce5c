#include "tests/verify/sealed.h"

#include <gtest/gtest.h>

#include "tests/verify/network.h"

namespace chibo {
namespace {

class SealedDirectory : public ::testing::Test {
 protected:
  SealedDirectory() { WriteSealed(network().cell(), directory_, random_); }
  static const SmallNetwork& network() { return SmallNetwork::Shared(); }

  verify::Report VerifyWith(const std::optional<Bytes>& passphrase) {
    auto report = network().Verify(directory_, passphrase);
    EXPECT_TRUE(report) << ToString(report.error());
    return report.value_or(verify::Report());
  }

  TempFolder folder_;
  std::string directory_ = folder_.Sub("cell");
  SeededRandom random_{5};
};

TEST_F(SealedDirectory, HoldsWholeWithThePassphrase) {
  const verify::Report report = VerifyWith(kSealedPassphrase);
  EXPECT_TRUE(report.ok()) << Listed(report.problems);
  EXPECT_FALSE(Has(report.notes, "sealed_unchecked"));
  EXPECT_GE(report.certificates, 3u);
}

TEST_F(SealedDirectory, SaysWhatWasNotCheckedWithoutIt) {
  const verify::Report report = VerifyWith(std::nullopt);
  EXPECT_TRUE(report.problems.empty()) << Listed(report.problems);
  EXPECT_FALSE(report.ok());
  EXPECT_TRUE(Has(report.notes, "sealed_unchecked"));
  EXPECT_EQ(report.certificates, 0u);
  EXPECT_EQ(report.records, 0u);
  EXPECT_GT(report.entries, 0u);
  EXPECT_EQ(report.checkpoints, VerifyWith(kSealedPassphrase).checkpoints);
}

TEST_F(SealedDirectory, AWrongPassphraseIsRefused) {
  const auto report = network().Verify(directory_, "sai");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::kWrongPassphrase);
}

TEST_F(SealedDirectory, EveryFlippedByteIsNamedWithThePassphrase) {
  RawStore store(directory_);
  for (const auto& values : ValuesIn(store)) {
    for (int i = 0; i < 4; ++i) {
      const StoredValue& value = values[random_.Below(values.size())];
      const std::size_t byte = random_.Below(value.size);
      Flip(store, value, byte, 0x11);
      const verify::Report report = VerifyWith(kSealedPassphrase);
      EXPECT_TRUE(Names(report, value.stream)) << value.name() << "\n" << Listed(report.problems);
      Flip(store, value, byte, 0x11);
    }
  }
}

TEST_F(SealedDirectory, WhatLiesOpenIsCheckedWithoutThePassphrase) {
  RawStore store(directory_);
  for (const auto& values : ValuesIn(store)) {
    const StoredValue& value = values.front();
    const bool open = value.column == "leaf" || value.column == "peaks" ||
                      value.column == "signature" || value.column == "genesis" ||
                      value.name().starts_with("branch.size") || value.column == "root";
    if (open) {
      Flip(store, value, 0, 0x11);
      const verify::Report report = VerifyWith(std::nullopt);
      EXPECT_TRUE(Names(report, value.stream)) << value.name() << "\n" << Listed(report.problems);
      Flip(store, value, 0, 0x11);
    }
  }
}

TEST_F(SealedDirectory, ADamagedKeyFileIsAProblemNotTheEnd) {
  { RawStore store(directory_); }
  std::FILE* file = std::fopen((directory_ + "/keys/device.key").c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("\xff\xff", file);
  std::fclose(file);
  auto report = network().Verify(directory_, kSealedPassphrase);
  ASSERT_TRUE(report);
  EXPECT_TRUE(Has(report->problems, "key_file_unreadable")) << Listed(report->problems);
  EXPECT_TRUE(Has(report->notes, "sealed_unchecked"));
}

}  // namespace
}  // namespace chibo
