#include <algorithm>

#include "base/planted.h"
#include "domain/authority_state.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

bool MayStandIn(const KindTraits& traits, pb::StreamKind stream) {
  switch (stream) {
    case pb::LINE:
      return traits.in_line;
    case pb::DOWN:
      return traits.in_down;
    case pb::TO:
      return traits.in_to;
    default:
      return false;
  }
}

bool MayWrite(const KindTraits& traits, pb::Role role) {
  switch (traits.writer) {
    case Writer::kSigned:
      return true;
    case Writer::kServer:
      return role == pb::SERVER;
    case Writer::kUnit:
      return role == pb::SECRETARY || role == pb::DEPUTY || role == pb::SERVER;
  }
  return false;
}

bool IsAllowed(const Certificate& writer, const KindTraits& traits, pb::StreamKind stream) {
  const auto& kinds = writer.body.kinds();
  const bool named =
      kinds.empty() ||
      std::find(kinds.begin(), kinds.end(), static_cast<std::uint32_t>(traits.kind)) != kinds.end();
  return named && MayWrite(traits, writer.body.role()) && MayStandIn(traits, stream);
}

Hash ContentOf(const Fact& fact) {
  return fact.content.is_zero() ? ContentDigest(fact.kind, PayloadOf(*fact.record)) : fact.content;
}

SetAside Unless(bool competent) { return competent ? SetAside::kCounts : SetAside::kNotCompetent; }

}  // namespace

SetAside Authority::State::StandingOf(const Fact& fact, const Spot& spot) const {
  const KindTraits* traits = TraitsOf(fact.kind);
  if (traits == nullptr) {
    return SetAside::kNotUnderstood;
  }
  if (fact.record == nullptr && !fact.content.is_zero()) {
    // Its payload is at hand and was not taken for a record.
    return fact.standing == SetAside::kNotMeant ? SetAside::kNotMeant : SetAside::kNotUnderstood;
  }
  if (fact.reach == pb::ALL ? traits->reach == pb::PARENT : !MayBeNarrowed(*traits)) {
    return SetAside::kNotMeant;
  }
  if (fact.record != nullptr &&
      (fact.record->body_case() != traits->kind || !CheckMeaning(*fact.record))) {
    return SetAside::kNotMeant;
  }
  if (traits->kind == Kind::kCopy && fact.record != nullptr) {
    return StandingOfCopy(fact);
  }
  const SetAside entry = streams.StandingAt(spot);
  if (entry != SetAside::kCounts) {
    return entry;
  }
  const StreamState& stream = *streams.Find(spot.stream);
  if (!CHIBO_PLANT(kScopeNotChecked,
                   IsAllowed(*streams.WriterOf(spot.stream), *traits, stream.kind), true)) {
    return SetAside::kWrongScope;
  }
  if (fact.record == nullptr || traits->object.empty()) {
    return SetAside::kCounts;
  }
  return SignedStanding(fact, spot);
}

SetAside Authority::State::StandingOfCopy(const Fact& fact) const {
  const auto opened = copies.Open(fact);
  if (!*opened) {
    return opened->error().code == Code::kUnsupported ? SetAside::kNotUnderstood
                                                      : SetAside::kOriginalUnproven;
  }
  const OpenedCopy& copy = **opened;
  Spot spot = SpotOf(copy.original);
  spot.proven = copy.proven;
  return StandingOf(copy.original, spot);
}

SetAside Authority::State::SignedStanding(const Fact& fact, const Spot& spot) const {
  const pb::Record& record = *fact.record;
  if (fact.kind == static_cast<std::uint32_t>(Kind::kRootSet)) {
    if (chain.RootSets().empty()) {
      return SetAside::kIssuerUnknown;
    }
    return Unless(chain.RootSetHolds(BodyDigest(record)));
  }
  const Hash content = ContentOf(fact);
  const SetAside spoken = chain.SpokenAt(record, content, spot);
  return spoken == SetAside::kCounts ? Competence(fact) : spoken;
}

bool Authority::State::MaySpeakFor(const pb::Record& record, const UnitId& unit) const {
  const auto issuer = IssuerOf(record);
  return !issuer || chain.WasAbove(chain.Find(*issuer)->unit, unit);
}

SetAside Authority::State::Competence(const Fact& fact) const {
  const pb::Record& record = *fact.record;
  const auto over_writer_of = [&](const Bytes& stream_id) {
    const Certificate* writer = streams.WriterOf(StreamId::From(stream_id).value_or(StreamId()));
    return writer == nullptr ? SetAside::kCertificateUnknown
                             : Unless(chain.IsOver(IssuerOf(record), *writer));
  };
  switch (record.body_case()) {
    case Kind::kCertificate: {
      const auto id = CertificateId::FromChecked(BodyDigest(record).view());
      const Certificate* certificate = chain.Find(id);
      if (certificate == nullptr || certificate->status.verdict == SetAside::kCertificateUnknown) {
        return SetAside::kCertificateUnknown;
      }
      return Unless(certificate->holds());
    }
    case Kind::kRevocation: {
      const auto id = CertificateId::From(record.revocation().body().certificate());
      const Certificate* target = id ? chain.Find(*id) : nullptr;
      if (target == nullptr || !target->holds()) {
        return SetAside::kCertificateUnknown;
      }
      return Unless(chain.IsOver(IssuerOf(record), *target));
    }
    case Kind::kAdoption:
      return over_writer_of(record.adoption().body().stream());
    case Kind::kForkRuling:
      return over_writer_of(record.fork_ruling().body().stream());
    case Kind::kUnit:
      return Unless(chain.ClaimStands(record));
    case Kind::kUnitChange: {
      const Statement* change = chain.FindStatement(ContentOf(fact));
      return change == nullptr ? SetAside::kIssuerUnknown : Unless(chain.ChangeHolds(*change));
    }
    case Kind::kDecision:
      return Unless(MaySpeakFor(
          record, UnitId::From(record.decision().body().authority()).value_or(UnitId())));
    case Kind::kRulePack:
    case Kind::kPeerGroup:
    case Kind::kConfirmation:
    case Kind::kCancellation:
    case Kind::kRegradeOrder:
    case Kind::kReturn:
    case Kind::kWaiver:
      // They speak with the voice of the unit whose stream they stand in.
      return Unless(MaySpeakFor(record, fact.unit));
    default:
      return SetAside::kCounts;
  }
}

}  // namespace chibo
