#include "proto/kind.h"

#include <array>

namespace chibo {
namespace {

using R = pb::Record;

constexpr bool kYes = true;
constexpr bool kNo = false;

constexpr std::array kKinds = {
    //         kind, name, widest reach, line, down, to, writer, object, open
    KindTraits{R::kRootSet, "root_set", pb::ALL, kYes, kYes, kNo, Writer::kSigned, "root-set",
               kYes},
    KindTraits{R::kUnit, "unit", pb::ALL, kYes, kYes, kYes, Writer::kSigned, "unit", kYes},
    KindTraits{R::kUnitChange, "unit_change", pb::ALL, kYes, kYes, kYes, Writer::kSigned,
               "unit-change", kYes},
    KindTraits{R::kCertificate, "certificate", pb::ALL, kYes, kYes, kYes, Writer::kSigned,
               "certificate", kYes},
    KindTraits{R::kPersonKey, "person_key", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kRevocation, "revocation", pb::ALL, kYes, kYes, kYes, Writer::kSigned,
               "revocation", kYes},
    KindTraits{R::kAdoption, "adoption", pb::ALL, kYes, kYes, kYes, Writer::kSigned, "adoption",
               kYes},
    KindTraits{R::kForkRuling, "fork_ruling", pb::ALL, kYes, kYes, kYes, Writer::kSigned,
               "fork-ruling", kYes},
    // Open because the branch of a forked stream that stands is the registered one.
    KindTraits{R::kRegister, "register", pb::ALL, kNo, kNo, kYes, Writer::kServer, "", kYes},
    KindTraits{R::kMember, "member", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kMembership, "membership", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kTransfer, "transfer", pb::ALL, kYes, kNo, kYes, Writer::kUnit, "", kNo},
    KindTraits{R::kPosting, "posting", pb::ALL, kYes, kNo, kYes, Writer::kUnit, "", kNo},
    KindTraits{R::kLeave, "leave", pb::PARENT, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kCivilServantGrade, "civil_servant_grade", pb::ALL, kYes, kNo, kNo, Writer::kUnit,
               "", kNo},
    KindTraits{R::kMeeting, "meeting", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kMinutes, "minutes", pb::PARENT, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kReviewReport, "review_report", pb::PARENT, kYes, kNo, kNo, Writer::kUnit, "",
               kNo},
    KindTraits{R::kOpinion, "opinion", pb::PARENT, kYes, kNo, kYes, Writer::kUnit, "", kNo},
    KindTraits{R::kVoteSession, "vote_session", pb::PARENT, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kTally, "tally", pb::PARENT, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kTallyCorrection, "tally_correction", pb::PARENT, kYes, kNo, kNo, Writer::kUnit,
               "", kNo},
    KindTraits{R::kProposal, "proposal", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "", kNo},
    KindTraits{R::kDecision, "decision", pb::ALL, kYes, kNo, kYes, Writer::kSigned, "decision",
               kNo},
    KindTraits{R::kConfirmation, "confirmation", pb::ALL, kYes, kNo, kYes, Writer::kSigned,
               "confirmation", kNo},
    KindTraits{R::kCancellation, "cancellation", pb::ALL, kYes, kNo, kYes, Writer::kSigned,
               "cancellation", kNo},
    KindTraits{R::kRegradeOrder, "regrade_order", pb::ALL, kYes, kNo, kYes, Writer::kSigned,
               "regrade-order", kNo},
    KindTraits{R::kDuplicateChoice, "duplicate_choice", pb::ALL, kYes, kNo, kNo, Writer::kUnit, "",
               kNo},
    KindTraits{R::kReturn, "return", pb::ALL, kYes, kNo, kYes, Writer::kSigned, "return", kNo},
    KindTraits{R::kWaiver, "waiver", pb::ALL, kYes, kNo, kYes, Writer::kSigned, "waiver", kNo},
    // As wide as what it attests: the writer narrows it.
    KindTraits{R::kAttestation, "attestation", pb::ALL, kYes, kNo, kYes, Writer::kUnit, "", kNo},
    KindTraits{R::kRulePack, "rule_pack", pb::ALL, kYes, kYes, kNo, Writer::kSigned, "rule-pack",
               kNo},
    KindTraits{R::kPeerGroup, "peer_group", pb::ALL, kYes, kYes, kYes, Writer::kSigned,
               "peer-group", kNo},
    KindTraits{R::kCopy, "copy", pb::ALL, kNo, kYes, kYes, Writer::kServer, "", kNo},
    KindTraits{R::kSealedText, "sealed_text", pb::ALL, kNo, kNo, kYes, Writer::kServer, "", kNo},
    // Open because what a revocation keeps may stand in one.
    KindTraits{R::kPointList, "point_list", pb::ALL, kNo, kYes, kYes, Writer::kServer, "", kYes},
};

// Kinds are numbered from 1 without gaps, so a kind is found by its number.
constexpr bool NumberedInOrder() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i + 1) {
      return false;
    }
  }
  return true;
}
static_assert(NumberedInOrder());

}  // namespace

std::span<const KindTraits> AllKinds() { return kKinds; }

const KindTraits* TraitsOf(std::uint32_t kind) {
  return kind >= 1 && kind <= kKinds.size() ? &kKinds[kind - 1] : nullptr;
}

// An attestation has the reach of what it attests.
bool MayBeNarrowed(const KindTraits& traits) {
  return traits.reach == pb::PARENT || traits.kind == R::kMeeting || traits.kind == R::kAttestation;
}

}  // namespace chibo
