#include "domain/attestation.h"

#include <algorithm>

#include "proto/signed_object.h"

namespace chibo {
namespace {

// Reads records by name, from the entry at hand first.
class Reader {
 public:
  Reader(const FactSource& facts, std::span<const Fact> entry) : facts_(facts), entry_(entry) {}

  // Nothing when it is not held, or withheld. Of the branches of a fork, the first.
  Result<std::optional<Fact>> Find(const RecordName& name, Kind kind) const {
    const auto is_it = [&](const Fact& fact) {
      return fact.name == name && fact.record != nullptr && fact.record->body_case() == kind;
    };
    const auto near = std::find_if(entry_.begin(), entry_.end(), is_it);
    if (near != entry_.end()) {
      return std::optional<Fact>(*near);
    }
    CHIBO_TRY_VALUE(const auto found, facts_.FactsOf(KeyOf(name)));
    const auto far = std::find_if(found.begin(), found.end(), is_it);
    return far == found.end() ? std::nullopt : std::optional<Fact>(*far);
  }

  Result<Fact> Need(const pb::Ref& ref, const Fact& from, Kind kind) const {
    CHIBO_TRY_VALUE(auto found, Find(Resolve(ref, from), kind));
    if (!found) {
      return Fail(Code::kBehind, "attested_record_incomplete");
    }
    return *std::move(found);
  }

  // The content digest of a record that stands beside an attestation.
  Result<std::optional<Hash>> ContentBeside(const Fact& attestation, std::uint32_t position) const {
    const RecordName name{attestation.name.stream, attestation.name.index, position};
    const auto is_it = [&](const Fact& fact) {
      return fact.name == name && fact.branch == attestation.branch && !fact.content.is_zero();
    };
    const auto near = std::find_if(entry_.begin(), entry_.end(), is_it);
    if (near != entry_.end()) {
      return std::optional<Hash>(near->content);
    }
    CHIBO_TRY_VALUE(const auto found, facts_.FactsOf(KeyOf(name)));
    const auto far = std::find_if(found.begin(), found.end(), is_it);
    return far == found.end() ? std::nullopt : std::optional<Hash>(far->content);
  }

  // Attestations that name the record, by place or by content.
  Result<std::vector<Fact>> AttestationsOf(const Fact& record) const {
    CHIBO_TRY_VALUE(std::vector<Fact> candidates, facts_.FactsOf(KeyOf(record.name)));
    CHIBO_TRY_VALUE(const auto by_content, facts_.FactsOf(KeyOfContent(record.content)));
    candidates.insert(candidates.end(), by_content.begin(), by_content.end());
    candidates.insert(candidates.end(), entry_.begin(), entry_.end());
    std::erase_if(candidates, [&](const Fact& fact) {
      return fact.record == nullptr || !fact.record->has_attestation() || fact.unit != record.unit;
    });
    return candidates;
  }

 private:
  const FactSource& facts_;
  std::span<const Fact> entry_;
};

void AddAct(std::vector<RequiredAct>& acts, const Bytes& person, pb::Act act) {
  if (const auto id = PersonId::From(person)) {
    acts.push_back({*id, act});
  }
}

Result<std::vector<RequiredAct>> ActsOfMinutes(const Reader& reader, const Fact& record) {
  CHIBO_TRY_VALUE(const Fact meeting,
                  reader.Need(record.record->minutes().meeting(), record, Kind::kMeeting));
  std::vector<RequiredAct> acts;
  AddAct(acts, meeting.record->meeting().chair(), pb::MINUTES_CHAIR);
  AddAct(acts, meeting.record->meeting().minute_taker(), pb::MINUTES_TAKER);
  return acts;
}

Result<std::vector<RequiredAct>> ActsOfTally(const Reader& reader, const Fact& tally) {
  CHIBO_TRY_VALUE(const Fact fact,
                  reader.Need(tally.record->tally().session(), tally, Kind::kVoteSession));
  const pb::VoteSession& session = fact.record->vote_session();
  std::vector<RequiredAct> acts;
  for (const Bytes& teller : session.tellers()) {
    AddAct(acts, teller, pb::TALLY_TELLER);
  }
  AddAct(acts, session.chair(), pb::TALLY_CHAIR);
  return acts;
}

// What the attestation says is attested: digests in the order in which they were signed.
Result<std::optional<std::vector<Hash>>> ContentsOf(const Reader& reader, const Fact& fact) {
  const pb::Attestation& attestation = fact.record->attestation();
  std::vector<Hash> contents;
  for (const std::uint32_t position : attestation.positions()) {
    CHIBO_TRY_VALUE(const auto content, reader.ContentBeside(fact, position));
    if (!content) {
      return std::nullopt;
    }
    contents.push_back(*content);
  }
  for (const Bytes& bytes : attestation.contents()) {
    contents.push_back(Hash::From(bytes).value_or(Hash()));
  }
  return std::optional(std::move(contents));
}

struct Signatures {
  Fact fact;
  std::vector<Hash> contents;
};

SetAside StandingOfAct(const NetworkId& network, const RequiredAct& act,
                       const std::vector<Signatures>& attestations, const PersonKeysAt& keys) {
  bool waits = false;
  for (const Signatures& attestation : attestations) {
    for (const pb::Attestor& attestor : attestation.fact.record->attestation().attestors()) {
      const auto signature = Signature::From(attestor.signature());
      if (attestor.person() != act.person.view() || attestor.act() != act.act || !signature) {
        continue;
      }
      const std::vector<SignPublicKey> known = keys(act.person, attestation.fact);
      waits = waits || known.empty();
      const Bytes message =
          AttestationMessage(network, attestation.fact.unit.view(), act.act, attestation.contents);
      if (std::any_of(known.begin(), known.end(),
                      [&](const SignPublicKey& key) { return Verify(key, message, *signature); })) {
        return SetAside::kCounts;
      }
    }
  }
  return waits ? SetAside::kPersonKeyUnknown : SetAside::kBadAttestation;
}

}  // namespace

bool NeedsAttestation(std::uint32_t kind) {
  return kind == static_cast<std::uint32_t>(Kind::kMinutes) ||
         kind == static_cast<std::uint32_t>(Kind::kTally) ||
         kind == static_cast<std::uint32_t>(Kind::kTallyCorrection);
}

Result<std::vector<RequiredAct>> RequiredActs(const FactSource& facts, std::span<const Fact> entry,
                                              const Fact& record) {
  const Reader reader(facts, entry);
  Result<std::vector<RequiredAct>> acts;
  if (record.record == nullptr) {
    return acts;
  }
  if (record.record->has_minutes()) {
    acts = ActsOfMinutes(reader, record);
  } else if (record.record->has_tally()) {
    acts = ActsOfTally(reader, record);
  } else if (record.record->has_tally_correction()) {
    CHIBO_TRY_VALUE(const Fact tally,
                    reader.Need(record.record->tally_correction().tally(), record, Kind::kTally));
    acts = ActsOfTally(reader, tally);
  }
  if (acts) {
    std::sort(acts->begin(), acts->end());
    acts->erase(std::unique(acts->begin(), acts->end()), acts->end());
  }
  return acts;
}

Result<SetAside> AttestationStanding(const NetworkId& network, const FactSource& facts,
                                     std::span<const Fact> entry, const Fact& record,
                                     const PersonKeysAt& keys) {
  if (record.record == nullptr || !NeedsAttestation(record.kind)) {
    return SetAside::kCounts;
  }
  const auto acts = RequiredActs(facts, entry, record);
  if (!acts && acts.error().code != Code::kBehind) {
    return tl::unexpected(acts.error());
  }
  if (!acts || acts->empty()) {
    return SetAside::kBadAttestation;
  }
  const Reader reader(facts, entry);
  CHIBO_TRY_VALUE(const std::vector<Fact> candidates, reader.AttestationsOf(record));
  std::vector<Signatures> attestations;
  for (const Fact& fact : candidates) {
    CHIBO_TRY_VALUE(auto contents, ContentsOf(reader, fact));
    if (contents &&
        std::find(contents->begin(), contents->end(), record.content) != contents->end()) {
      attestations.push_back({fact, *std::move(contents)});
    }
  }
  SetAside standing = SetAside::kCounts;
  for (const RequiredAct& act : *acts) {
    const SetAside one = StandingOfAct(network, act, attestations, keys);
    if (one == SetAside::kBadAttestation) {
      return one;
    }
    standing = one == SetAside::kCounts ? standing : one;
  }
  return standing;
}

}  // namespace chibo
