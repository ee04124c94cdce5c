#include "proto/kind.h"

#include <gtest/gtest.h>

#include <set>

namespace chibo {
namespace {

using K = Kind;

TEST(Kinds, AreThoseOfTheSchema) {
  const auto* body = pb::Record::descriptor()->oneof_decl(0);
  ASSERT_EQ(static_cast<std::size_t>(body->field_count()), AllKinds().size());
  for (const KindTraits& traits : AllKinds()) {
    const auto* field = pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(traits.kind));
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(traits.name, field->name());
    EXPECT_EQ(TraitsOf(static_cast<std::uint32_t>(traits.kind)), &traits);
  }
}

TEST(Kinds, UnknownOnesHaveNoTraits) {
  EXPECT_EQ(TraitsOf(0), nullptr);
  EXPECT_EQ(TraitsOf(static_cast<std::uint32_t>(AllKinds().size() + 1)), nullptr);
  EXPECT_EQ(TraitsOf(9999), nullptr);
  EXPECT_EQ(TraitsOf(UINT32_MAX), nullptr);
}

TEST(Kinds, SignedOnesAreThoseWithBodyAndSignatures) {
  std::set<std::string_view> objects;
  for (const KindTraits& traits : AllKinds()) {
    const auto* message =
        pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(traits.kind))->message_type();
    const bool has_signatures = message->field_count() == 2 &&
                                message->FindFieldByNumber(1)->name() == "body" &&
                                message->FindFieldByNumber(2)->name() == "signatures";
    EXPECT_EQ(!traits.object.empty(), has_signatures) << traits.name;
    EXPECT_EQ(traits.writer == Writer::kSigned, has_signatures) << traits.name;
    if (has_signatures) {
      EXPECT_TRUE(objects.insert(traits.object).second) << "one name, one kind of object";
    }
  }
}

std::set<K> Where(bool KindTraits::*place) {
  std::set<K> kinds;
  for (const KindTraits& traits : AllKinds()) {
    if (traits.*place) {
      kinds.insert(traits.kind);
    }
  }
  return kinds;
}

TEST(Kinds, OfAStreamForAllBelowTellNothingOfPersons) {
  EXPECT_EQ(Where(&KindTraits::in_down),
            (std::set<K>{K::kRootSet, K::kUnit, K::kUnitChange, K::kCertificate, K::kRevocation,
                         K::kAdoption, K::kForkRuling, K::kRulePack, K::kPeerGroup, K::kCopy,
                         K::kPointList}));
}

TEST(Kinds, OfAStreamToOneUnit) {
  EXPECT_EQ(Where(&KindTraits::in_to),
            (std::set<K>{K::kUnit,         K::kUnitChange,   K::kCertificate, K::kRevocation,
                         K::kAdoption,     K::kForkRuling,   K::kRegister,    K::kTransfer,
                         K::kPosting,      K::kOpinion,      K::kDecision,    K::kConfirmation,
                         K::kCancellation, K::kRegradeOrder, K::kReturn,      K::kWaiver,
                         K::kAttestation,  K::kPeerGroup,    K::kCopy,        K::kSealedText,
                         K::kPointList}));
}

TEST(Kinds, OfALineAreAllButTheServersOwn) {
  for (const KindTraits& traits : AllKinds()) {
    EXPECT_EQ(traits.in_line, traits.writer != Writer::kServer) << traits.name;
    EXPECT_TRUE(traits.in_line || traits.in_down || traits.in_to) << traits.name;
  }
}

TEST(Kinds, ThatSayMoreThanTheResultReachTheDirectSuperiorOnly) {
  std::set<K> narrow;
  for (const KindTraits& traits : AllKinds()) {
    if (traits.reach == pb::PARENT) {
      narrow.insert(traits.kind);
      // Nothing of narrow reach may decide whether others count.
      EXPECT_FALSE(traits.open) << traits.name;
      EXPECT_TRUE(traits.object.empty()) << traits.name;
    }
  }
  EXPECT_EQ(narrow, (std::set<K>{K::kLeave, K::kMinutes, K::kReviewReport, K::kOpinion,
                                 K::kVoteSession, K::kTally, K::kTallyCorrection}));
}

TEST(Kinds, ThatDecideStandingAreOpen) {
  EXPECT_EQ(Where(&KindTraits::open),
            (std::set<K>{K::kRootSet, K::kUnit, K::kUnitChange, K::kCertificate, K::kRevocation,
                         K::kAdoption, K::kForkRuling, K::kRegister, K::kPointList}));
}

}  // namespace
}  // namespace chibo
