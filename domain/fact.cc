#include "domain/fact.h"

#include <algorithm>
#include <iterator>

#include "proto/crypto.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// Gathers keys of one fact. Ids of a wrong size are passed over: such a record does not count
// anyway.
class KeyList {
 public:
  explicit KeyList(const Fact& fact) : fact_(fact) {}

  void Stream(ByteView id) {
    if (const auto stream = StreamId::From(id)) {
      Add(KeyOfStream(*stream));
    }
  }
  void Person(ByteView id) { AddId<PersonId>(id); }
  void Unit(ByteView id) { AddId<UnitId>(id); }
  void UnitOrOwn(ByteView id) { id.empty() ? Add(KeyOf(fact_.unit)) : Unit(id); }
  void Digest(ByteView digest) {
    if (const auto hash = Hash::From(digest)) {
      Add(KeyOfDigest(*hash));
    }
  }
  void Content(ByteView digest) {
    if (const auto hash = Hash::From(digest)) {
      Add(KeyOfContent(*hash));
    }
  }
  void About(const pb::Subject& subject) {
    subject.kind() == pb::MEMBER ? Person(subject.id()) : Unit(subject.id());
  }
  // Of the same entry.
  void Beside(std::uint32_t position) {
    Add(KeyOf(RecordName{fact_.name.stream, fact_.name.index, position}));
  }
  void To(const pb::Ref& ref) { Add(KeyOf(Resolve(ref, fact_))); }
  template <typename Refs>
  void ToAll(const Refs& refs) {
    for (const pb::Ref& ref : refs) {
      To(ref);
    }
  }
  template <typename Subjects>
  void AboutAll(const Subjects& subjects) {
    for (const pb::Subject& subject : subjects) {
      About(subject);
    }
  }
  template <typename Rows>
  void AboutRows(const Rows& rows) {
    for (const auto& row : rows) {
      About(row.subject());
    }
  }
  void Add(FactKey key) { keys_.push_back(std::move(key)); }

  std::vector<FactKey> Take() {
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    return std::move(keys_);
  }

 private:
  template <typename Id>
  void AddId(ByteView bytes) {
    if (const auto id = Id::From(bytes)) {
      Add(KeyOf(*id));
    }
  }

  const Fact& fact_;
  std::vector<FactKey> keys_;
};

// ---- Authority and organisation

void AddKeys(const pb::Unit& record, KeyList& keys) { keys.Unit(record.body().unit()); }
void AddKeys(const pb::UnitChange& record, KeyList& keys) {
  for (const Bytes& unit : record.body().from()) {
    keys.Unit(unit);
  }
  for (const Bytes& unit : record.body().into()) {
    keys.Unit(unit);
  }
  keys.Unit(record.body().parent());
}
void AddKeys(const pb::Certificate& record, KeyList& keys) {
  keys.Unit(record.body().unit());
  keys.Person(record.body().person());
}
void AddKeys(const pb::Revocation& record, KeyList& keys) {
  keys.Digest(record.body().certificate());
}
void AddKeys(const pb::PersonKey& record, KeyList& keys) {
  keys.Person(record.person());
  keys.UnitOrOwn({});
}

// ---- Members

void AddKeys(const pb::Member& record, KeyList& keys) {
  keys.Person(record.person());
  keys.UnitOrOwn({});
  keys.ToAll(record.supersedes());
  for (const std::string& number : {record.card_no(), record.citizen_id()}) {
    if (!number.empty()) {
      keys.Add(KeyOfNumber(number));
    }
  }
}
void AddKeys(const pb::Membership& record, KeyList& keys) {
  keys.Person(record.person());
  keys.UnitOrOwn(record.unit());
  keys.ToAll(record.supersedes());
}
void AddKeys(const pb::Transfer& record, KeyList& keys) {
  keys.Person(record.person());
  keys.Unit(record.from());
  keys.Unit(record.to());
}
void AddKeys(const pb::Posting& record, KeyList& keys) {
  keys.Person(record.person());
  keys.Unit(record.place());
  keys.Unit(record.home());
  keys.Unit(record.managed_by());
}
void AddKeys(const pb::Leave& record, KeyList& keys) { keys.Person(record.person()); }
void AddKeys(const pb::CivilServantGrade& record, KeyList& keys) { keys.Person(record.person()); }

// ---- Meetings, reviews, votes

void AddKeys(const pb::Meeting& record, KeyList& keys) { keys.UnitOrOwn(record.unit()); }
void AddKeys(const pb::Minutes& record, KeyList& keys) { keys.To(record.meeting()); }
void AddKeys(const pb::ReviewReport& record, KeyList& keys) { keys.About(record.subject()); }
void AddKeys(const pb::Opinion& record, KeyList& keys) {
  keys.About(record.about());
  keys.Unit(record.from_unit());
}
void AddKeys(const pb::VoteSession& record, KeyList& keys) {
  keys.To(record.meeting());
  keys.UnitOrOwn(record.unit());
  keys.AboutAll(record.subjects());
}
void AddKeys(const pb::Tally& record, KeyList& keys) {
  keys.To(record.session());
  keys.AboutRows(record.rows());
}
void AddKeys(const pb::TallyCorrection& record, KeyList& keys) {
  keys.To(record.tally());
  keys.AboutRows(record.rows());
}
void AddKeys(const pb::Attestation& record, KeyList& keys) {
  for (const pb::Attestor& attestor : record.attestors()) {
    keys.Person(attestor.person());
  }
  for (const Bytes& content : record.contents()) {
    keys.Content(content);
  }
  for (const std::uint32_t position : record.positions()) {
    keys.Beside(position);
  }
}

// ---- Proposals, decisions

void AddKeys(const pb::Proposal& record, KeyList& keys) {
  keys.UnitOrOwn(record.place());
  keys.About(record.subject());
  keys.AboutRows(record.rows());
  keys.ToAll(record.basis());
  keys.ToAll(record.supersedes());
}
void AddKeys(const pb::Decision& record, KeyList& keys) {
  keys.Unit(record.body().authority());
  keys.AboutRows(record.body().rows());
  for (const pb::DecisionRow& row : record.body().rows()) {
    keys.ToAll(row.weighed());
  }
}
void AddKeys(const pb::Confirmation& record, KeyList& keys) {
  keys.Digest(record.body().decision());
  keys.About(record.body().subject());
  keys.ToAll(record.body().weighed());
}
void AddKeys(const pb::Cancellation& record, KeyList& keys) {
  keys.Digest(record.body().decision());
  keys.AboutAll(record.body().subjects());
}
void AddKeys(const pb::RegradeOrder& record, KeyList& keys) {
  keys.AboutAll(record.body().subjects());
}
void AddKeys(const pb::DuplicateChoice& record, KeyList& keys) {
  keys.To(record.canonical());
  keys.ToAll(record.duplicates());
  keys.ToAll(record.supersedes());
  for (const Bytes& person : record.persons()) {
    keys.Person(person);
  }
}
void AddKeys(const pb::Return& record, KeyList& keys) { keys.ToAll(record.body().records()); }
void AddKeys(const pb::Waiver& record, KeyList& keys) { keys.About(record.body().subject()); }
void AddKeys(const pb::PeerGroup& record, KeyList& keys) {
  keys.Unit(record.body().owner());
  keys.AboutAll(record.body().subjects());
}

void AddAuthorityKeys(const pb::Record& record, KeyList& keys) {
  switch (record.body_case()) {
    case Kind::kUnit:
      return AddKeys(record.unit(), keys);
    case Kind::kUnitChange:
      return AddKeys(record.unit_change(), keys);
    case Kind::kCertificate:
      return AddKeys(record.certificate(), keys);
    case Kind::kPersonKey:
      return AddKeys(record.person_key(), keys);
    case Kind::kRevocation:
      return AddKeys(record.revocation(), keys);
    case Kind::kAdoption:
      return keys.Stream(record.adoption().body().stream());
    case Kind::kForkRuling:
      return keys.Stream(record.fork_ruling().body().stream());
    default:
      return;
  }
}

void AddMemberKeys(const pb::Record& record, KeyList& keys) {
  switch (record.body_case()) {
    case Kind::kMember:
      return AddKeys(record.member(), keys);
    case Kind::kMembership:
      return AddKeys(record.membership(), keys);
    case Kind::kTransfer:
      return AddKeys(record.transfer(), keys);
    case Kind::kPosting:
      return AddKeys(record.posting(), keys);
    case Kind::kLeave:
      return AddKeys(record.leave(), keys);
    case Kind::kCivilServantGrade:
      return AddKeys(record.civil_servant_grade(), keys);
    default:
      return;
  }
}

void AddMeetingKeys(const pb::Record& record, KeyList& keys) {
  switch (record.body_case()) {
    case Kind::kMeeting:
      return AddKeys(record.meeting(), keys);
    case Kind::kMinutes:
      return AddKeys(record.minutes(), keys);
    case Kind::kReviewReport:
      return AddKeys(record.review_report(), keys);
    case Kind::kOpinion:
      return AddKeys(record.opinion(), keys);
    case Kind::kVoteSession:
      return AddKeys(record.vote_session(), keys);
    case Kind::kTally:
      return AddKeys(record.tally(), keys);
    case Kind::kTallyCorrection:
      return AddKeys(record.tally_correction(), keys);
    case Kind::kAttestation:
      return AddKeys(record.attestation(), keys);
    default:
      return;
  }
}

void AddDecisionKeys(const pb::Record& record, KeyList& keys) {
  switch (record.body_case()) {
    case Kind::kProposal:
      return AddKeys(record.proposal(), keys);
    case Kind::kDecision:
      return AddKeys(record.decision(), keys);
    case Kind::kConfirmation:
      return AddKeys(record.confirmation(), keys);
    case Kind::kCancellation:
      return AddKeys(record.cancellation(), keys);
    case Kind::kRegradeOrder:
      return AddKeys(record.regrade_order(), keys);
    case Kind::kDuplicateChoice:
      return AddKeys(record.duplicate_choice(), keys);
    case Kind::kReturn:
      return AddKeys(record.return_(), keys);
    case Kind::kWaiver:
      return AddKeys(record.waiver(), keys);
    case Kind::kPeerGroup:
      return AddKeys(record.peer_group(), keys);
    default:
      return;
  }
}

void AddSignerKeys(const pb::Record& record, KeyList& keys) {
  keys.Add(KeyOfDigest(BodyDigest(record)));
  if (const auto issuer = IssuerOf(record)) {
    keys.Add(KeyOfDigest(*issuer));
  }
}

// A copy stands and falls with its original: the stream of that one, its signer, what it is about.
void AddCopyKeys(const pb::Copy& copy, KeyList& keys) {
  keys.Stream(copy.stream());
  const auto header = ParseHeader(copy.header(), copy.index());
  if (!header || copy.position() >= header->slots.size()) {
    return;
  }
  const auto original = ParseRecord(header->slots[copy.position()].kind, copy.payload());
  if (!original) {
    return;
  }
  AddAuthorityKeys(*original, keys);
  if (!TraitsOf(header->slots[copy.position()].kind)->object.empty()) {
    AddSignerKeys(*original, keys);
  }
}

bool WantedWhole(const KindTraits& traits) {
  return traits.open || traits.kind == Kind::kCopy || traits.kind == Kind::kPersonKey ||
         traits.kind == Kind::kRulePack || traits.kind == Kind::kPeerGroup;
}

bool CanBeAttestedFromElsewhere(Kind kind) {
  return kind == Kind::kMinutes || kind == Kind::kTally || kind == Kind::kTallyCorrection ||
         kind == Kind::kReviewReport;
}

bool IsReferredTo(Kind kind) {
  return CanBeAttestedFromElsewhere(kind) || kind == Kind::kMeeting || kind == Kind::kVoteSession ||
         kind == Kind::kTally || kind == Kind::kProposal || kind == Kind::kDuplicateChoice;
}

}  // namespace

std::string_view Name(SetAside reason) {
  switch (reason) {
    case SetAside::kCounts:
      return "counts";
    case SetAside::kCertificateUnknown:
      return "certificate_unknown";
    case SetAside::kCertificateNotValid:
      return "certificate_not_valid";
    case SetAside::kWrongScope:
      return "wrong_scope";
    case SetAside::kRevoked:
      return "revoked";
    case SetAside::kClosed:
      return "closed";
    case SetAside::kForked:
      return "forked";
    case SetAside::kIssuerUnknown:
      return "issuer_unknown";
    case SetAside::kBadSignature:
      return "bad_signature";
    case SetAside::kNotCompetent:
      return "not_competent";
    case SetAside::kNotUnderstood:
      return "not_understood";
    case SetAside::kBadAttestation:
      return "bad_attestation";
    case SetAside::kPersonKeyUnknown:
      return "person_key_unknown";
    case SetAside::kOriginalUnproven:
      return "original_unproven";
    case SetAside::kNotMeant:
      return "not_meant";
    case SetAside::kSealBroken:
      return "seal_broken";
  }
  return "not_understood";
}

FactKey KeyOf(const PersonId& person) { return {KeyType::kPerson, Bytes(person.view())}; }
FactKey KeyOf(const UnitId& unit) { return {KeyType::kUnit, Bytes(unit.view())}; }
FactKey KeyOfKind(Kind kind) {
  FactKey key{KeyType::kKind, {}};
  AppendVarint(key.id, static_cast<std::uint64_t>(kind));
  return key;
}
FactKey KeyOfDigest(const Hash& digest) { return {KeyType::kDigest, Bytes(digest.view())}; }
FactKey KeyOfDigest(const CertificateId& id) { return {KeyType::kDigest, Bytes(id.view())}; }
FactKey KeyOfContent(const Hash& content) { return {KeyType::kContent, Bytes(content.view())}; }
FactKey KeyOf(const RecordName& name) {
  FactKey key{KeyType::kRecord, Bytes(name.stream.view())};
  AppendU64(key.id, name.index);
  AppendU32(key.id, name.position);
  return key;
}

FactKey KeyOfNumber(std::string_view number) {
  return KeyOfDigest(Sha256({"chibo/number/v0\n", number}));
}

FactKey KeyOfStream(const StreamId& stream) { return {KeyType::kDigest, Bytes(stream.view())}; }

std::vector<FactKey> KeysOf(const Fact& fact) {
  const KindTraits* traits = TraitsOf(fact.kind);
  if (traits == nullptr || fact.record == nullptr || fact.record->body_case() != traits->kind) {
    return {};
  }
  KeyList keys(fact);
  if (fact.record->has_copy()) {
    AddCopyKeys(fact.record->copy(), keys);
  }
  if (fact.record->has_sealed_text()) {
    keys.Stream(fact.record->sealed_text().stream());
  }
  if (WantedWhole(*traits)) {
    keys.Add(KeyOfKind(traits->kind));
  }
  if (!traits->object.empty()) {
    AddSignerKeys(*fact.record, keys);
  }
  if (CanBeAttestedFromElsewhere(traits->kind)) {
    keys.Add(KeyOfContent(fact.content));
  }
  if (IsReferredTo(traits->kind)) {
    keys.Add(KeyOf(fact.name));
  }
  AddAuthorityKeys(*fact.record, keys);
  AddMemberKeys(*fact.record, keys);
  AddMeetingKeys(*fact.record, keys);
  AddDecisionKeys(*fact.record, keys);
  return keys.Take();
}

RecordName Resolve(const pb::Ref& ref, const Fact& fact) {
  if (ref.stream().empty()) {
    return {fact.name.stream, ref.index() == 0 ? fact.name.index : ref.index(), ref.position()};
  }
  const auto stream = StreamId::From(ref.stream());
  return stream ? RecordName{*stream, ref.index(), ref.position()} : RecordName{};
}

}  // namespace chibo
