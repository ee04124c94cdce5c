// What is made of an entry.
#include "node/facts.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/record.h"
#include "tests/must.h"

namespace chibo {
namespace {

TEST(Facts, OfAnEntryForNewerProgramsAreHeldAndNotInterpreted) {
  SeededRandom random(3);
  Stream stream;
  stream.id = random.DrawFixed<StreamId>();
  stream.kind = pb::LINE;
  pb::Record member;
  member.mutable_member()->set_person(random.Draw(16));
  member.mutable_member()->set_name("Nguyễn Văn An");
  for (const std::uint32_t newer : {0U, 1U}) {
    pb::EntryHeader header;
    header.set_min_reader(kReaderVersion + newer);
    const Entry entry = Must(MakeEntry(stream.id, 1, header, {member}, {pb::ALL},
                                       {random.DrawFixed<StreamSecret>(), std::nullopt}));
    const auto facts = FactsOfEntry(stream, 0, 1, entry);
    ASSERT_EQ(facts.size(), 1U);
    EXPECT_EQ(facts[0].record == nullptr, newer > 0);
    EXPECT_EQ(facts[0].standing, newer > 0 ? SetAside::kNotUnderstood : SetAside::kCounts);
    EXPECT_EQ(facts[0].content, ContentDigest(Kind::kMember, PayloadOf(member)));
  }
}

}  // namespace
}  // namespace chibo
