#include "storage/parsed_records.h"

#include <gtest/gtest.h>

#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr std::size_t kLarge = 64 * 1024;

Hash Digest(int number) { return Sha256(std::to_string(number)); }

std::shared_ptr<const pb::Record> Leave(std::uint32_t from) {
  pb::Record record;
  record.mutable_leave()->set_from(from);
  return std::make_shared<const pb::Record>(record);
}

TEST(ParsedRecords, GivesBackWhatWasPut) {
  ParsedRecords records;
  EXPECT_EQ(records.Find(Digest(1)), nullptr);
  const auto leave = Leave(20190101);
  records.Put(Digest(1), leave, 10);
  records.Put(Digest(2), Leave(20190102), 10);
  EXPECT_EQ(records.Find(Digest(1)), leave);
}

TEST(ParsedRecords, ForgetsWhatNobodyAsksFor) {
  ParsedRecords records;
  records.Put(Digest(1), Leave(1), kLarge);
  records.Put(Digest(2), Leave(2), kLarge);
  for (int i = 3; i < 100; ++i) {
    records.Put(Digest(i), Leave(3), kLarge);
    EXPECT_NE(records.Find(Digest(1)), nullptr) << i;
  }
  EXPECT_EQ(records.Find(Digest(2)), nullptr);
}

}  // namespace
}  // namespace chibo
