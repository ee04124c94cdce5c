#include "node/projector.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/planted.h"
#include "domain/attestation.h"
#include "domain/copy_opening.h"
#include "node/facts.h"
#include "proto/message_bytes.h"

namespace chibo {
namespace {

bool DecidesStanding(std::uint32_t kind) {
  const KindTraits* traits = TraitsOf(kind);
  return traits != nullptr && (traits->open || traits->kind == pb::Record::kCopy);
}

}  // namespace

Result<std::optional<pb::OutcomeRow>> OutcomeRows::Find(const SubjectId& subject,
                                                        const std::string& period) const {
  CHIBO_TRY_VALUE(const auto derived,
                  view_.Derived(DerivedTable::kOutcome, OutcomeKey(subject, period)));
  if (!derived) {
    return std::nullopt;
  }
  pb::OutcomeRow row;
  if (!ParseBounded(derived->value, row)) {
    return Fail(Code::kDamaged, "view_damaged");
  }
  return row;
}

Status OutcomeRows::VisitUnit(const UnitId& unit, const std::string& period,
                              const std::function<bool(const pb::OutcomeRow&)>& visit) const {
  bool readable = true;
  pb::OutcomeRow row;
  CHIBO_TRY(view_.VisitGroup(DerivedTable::kOutcome, OutcomeGroup(unit, period),
                             [&](const DerivedRow& derived) {
                               readable = ParseBounded(derived.value, row);
                               return readable && visit(row);
                             }));
  return readable ? Status() : Fail(Code::kDamaged, "view_damaged");
}

Projector::Projector(const NetworkId& network, const UnitId& observer, const DhKey* seal,
                     Streams& streams, LogStore& log, ViewStore& view)
    : network_(network),
      observer_(observer),
      streams_(streams),
      log_(log),
      view_(view),
      sealed_texts_(observer, seal, streams, log),
      facts_(view) {
  Reset();
}

Context Projector::context() const {
  return Context{facts_, organisation_, packs_, groups_, observer_};
}

void Projector::Reset() {
  if (authority_ != nullptr) {
    versions_before_ = authority_version();
  }
  authority_ = std::make_unique<Authority>(
      network_,
      [this](const StreamId& id, std::uint32_t branch, std::uint64_t size) -> std::optional<Hash> {
        const Stream* stream = streams_.Find(id);
        if (stream == nullptr) {
          return std::nullopt;
        }
        const auto root = streams_.RootAt(*stream, branch, size);
        return root ? *root : std::nullopt;
      });
  facts_.Clear();
  unsettled_.clear();
  fresh_.clear();
  registers_.clear();
  news_ = {};
  texts_changed_.clear();
}

Status Projector::Load() {
  CHIBO_TRY_VALUE(const auto version, view_.Version());
  if (CHIBO_PLANT(kOldViewKept, version != kProjectionVersion, !version)) {
    return Rebuild();
  }
  Reset();
  CHIBO_TRY(LoadAuthority());
  return LoadContext();
}

Status Projector::LoadAuthority() {
  for (const Stream* stream : streams_.All()) {
    authority_->PutStream(Streams::StateOf(*stream));
  }
  for (const KindTraits& traits : AllKinds()) {
    if (!DecidesStanding(static_cast<std::uint32_t>(traits.kind))) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfKind(traits.kind)));
    for (const Fact& fact : facts) {
      if (fact.record != nullptr) {
        authority_->Add(fact);
      }
    }
  }
  authority_->TakeChanged();
  authority_->TakeChangedKeys();
  return {};
}

// Units known from copies alone, as when one was moved here from elsewhere: of the organisation too
// a copy is its original.
Status Projector::AddCopied(std::vector<Fact>& facts) const {
  std::set<RecordName> known;
  for (const Fact& fact : facts) {
    known.insert(fact.name);
  }
  CHIBO_TRY_VALUE(const auto copies, view_.FactsOf(KeyOfKind(pb::Record::kCopy)));
  for (const Fact& copy : copies) {
    if (!copy.counts() || copy.record == nullptr || !TouchesOrganisation(copy)) {
      continue;
    }
    auto opened = OpenCopy(network_, copy.record->copy());
    const bool of_unit = opened && (opened->original.record->has_unit() ||
                                    opened->original.record->has_unit_change());
    if (of_unit && known.insert(opened->original.name).second) {
      opened->original.standing = SetAside::kCounts;
      facts.push_back(std::move(opened->original));
    }
  }
  return {};
}

Status Projector::LoadContext() {
  CHIBO_TRY_VALUE(auto facts, view_.FactsOf(KeyOfKind(pb::Record::kUnit)));
  CHIBO_TRY_VALUE(const auto changes, view_.FactsOf(KeyOfKind(pb::Record::kUnitChange)));
  facts.insert(facts.end(), changes.begin(), changes.end());
  CHIBO_TRY(AddCopied(facts));
  organisation_ = Organisation(facts);
  CHIBO_TRY_VALUE(const auto packs, view_.FactsOf(KeyOfKind(pb::Record::kRulePack)));
  packs_ = RulePacks(packs, organisation_);
  CHIBO_TRY_VALUE(const auto groups, view_.FactsOf(KeyOfKind(pb::Record::kPeerGroup)));
  groups_ = PeerGroups(groups);
  return {};
}

Status Projector::Rebuild() {
  CHIBO_TRY(view_.Clear());
  Reset();
  constexpr std::size_t kPageBytes = 1024 * 1024;
  for (const Stream* stream : streams_.All()) {
    for (const BranchRow& branch : stream->branches) {
      if (CHIBO_PLANT(kBranchNotRebuilt, false, branch.branch != 0)) {
        continue;
      }
      std::uint64_t index = branch.fork_at;
      CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream->no));
      while (index < branch.peaks.size()) {
        CHIBO_TRY_VALUE(const auto page,
                        log_.ReadEntries(stream->no, branch.branch, index, SIZE_MAX, kPageBytes));
        std::vector<Entry> entries;
        for (const StoredEntry& stored : page) {
          CHIBO_TRY_VALUE(Entry entry, DecodeEntry(stream->id, stored.index, stored.header,
                                                   stored.body, secrets));
          entries.push_back(std::move(entry));
        }
        CHIBO_TRY(Project(*stream, branch.branch, index, entries));
        index += page.size();
      }
    }
  }
  CHIBO_TRY(Settle());
  return view_.PutVersion(kProjectionVersion);
}

Status Projector::Project(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                          std::span<const Entry> entries) {
  // The stream itself may be new or longer: standing may rest on it.
  const Stream* held = streams_.Find(stream.id);
  CHECK(held != nullptr);
  authority_->PutStream(Streams::StateOf(*held));
  if (first == 0) {
    fresh_.insert(stream.id);
  }
  if (held->kind == pb::TO) {
    MoreHeld(stream.id);
  }
  std::uint64_t index = first;
  for (const Entry& entry : entries) {
    for (Fact& fact : FactsOfEntry(*held, branch, index, entry)) {
      CHIBO_TRY(PutFact(std::move(fact)));
    }
    ++index;
  }
  return {};
}

void Projector::MoreHeld(const StreamId& stream) {
  news_.grown.insert(stream);
  texts_changed_.insert(stream);
}

void Projector::Note(const Fact& fact) {
  if (fact.record->has_transfer()) {
    news_.transfers.push_back(fact);
  } else if (fact.record->has_sealed_text()) {
    news_.sealed_texts.push_back(fact);
  } else if (!fact.record->has_register_() && DecidesStanding(fact.kind)) {
    news_.authority = true;
  }
}

Status Projector::PutFact(Fact fact) {
  if (fact.record != nullptr) {
    Note(fact);
  }
  if (fact.record != nullptr && DecidesStanding(fact.kind)) {
    authority_->Add(fact);
    if (fact.kind == pb::Record::kRegister) {
      registers_.push_back(fact);
    }
  }
  unsettled_.push_back(std::move(fact));
  return {};
}

Result<SetAside> Projector::Judge(const Fact& fact) const {
  return Attested(fact, authority_->StandingOf(fact));
}

Result<SetAside> Projector::Attested(const Fact& fact, SetAside standing) const {
  if (CHIBO_PLANT(kClockDecides, false, fact.claimed > Timestamp(Duration(1'900'000'000'000)))) {
    return SetAside::kCertificateNotValid;
  }
  if (standing != SetAside::kCounts || fact.record == nullptr) {
    return standing;
  }
  if (fact.record->has_sealed_text()) {
    return sealed_texts_.StandingOf(fact.record->sealed_text());
  }
  if (!NeedsAttestation(fact.kind)) {
    return standing;
  }
  return AttestationStanding(network_, facts_, {}, fact,
                             [this](const PersonId& person, const Fact& at) {
                               return authority_->PersonKeys(person, at);
                             });
}

Status Projector::JudgeNew() {
  // Attestations are looked for among the facts: all of them are put first, then judged.
  for (Fact& fact : unsettled_) {
    fact.standing = authority_->StandingOf(fact);
  }
  CHIBO_TRY(view_.PutFacts(unsettled_));
  for (Fact& fact : unsettled_) {
    CHIBO_TRY_VALUE(const SetAside standing, Attested(fact, fact.standing));
    if (standing != fact.standing) {
      CHIBO_TRY(view_.PutStanding(fact, standing));
      fact.standing = standing;
    }
  }
  for (Fact& fact : registers_) {
    fact.standing = authority_->StandingOf(fact);
  }
  return {};
}

Status Projector::JudgeOne(const Fact& fact, std::vector<Fact>& changed) {
  CHIBO_TRY_VALUE(const SetAside standing, Judge(fact));
  if (standing != fact.standing) {
    CHIBO_TRY(view_.PutStanding(fact, standing));
    changed.push_back(fact);
    changed.back().standing = standing;
  }
  return {};
}

// What an attestation signs stands by it: an attestor's key that became known speaks for records
// that say nothing of that person themselves.
Status Projector::JudgeAttested(const Fact& attestation, std::vector<Fact>& changed) {
  if (attestation.record == nullptr || !attestation.record->has_attestation()) {
    return {};
  }
  for (const std::uint32_t position : attestation.record->attestation().positions()) {
    RecordName name = attestation.name;
    name.position = position;
    CHIBO_TRY_VALUE(const auto attested, view_.FactAt(name, attestation.branch));
    if (attested) {
      CHIBO_TRY(JudgeOne(*attested, changed));
    }
  }
  for (const std::string& bytes : attestation.record->attestation().contents()) {
    const auto content = Hash::From(bytes);
    if (!content) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto attested, view_.FactsOf(KeyOfContent(*content)));
    for (const Fact& fact : attested) {
      CHIBO_TRY(JudgeOne(fact, changed));
    }
  }
  return {};
}

// Facts held before whose standing changes by what came in.
Result<std::vector<Fact>> Projector::JudgeAgain() {
  std::vector<Fact> changed;
  for (const StreamId& id : authority_->TakeChanged()) {
    const Stream* stream = streams_.Find(id);
    if (stream != nullptr && stream->forked()) {
      rejudged_forks_.insert(id);
    }
    if (fresh_.contains(id)) {
      continue;  // all its facts were judged just now
    }
    Status judged;
    CHIBO_TRY_VALUE(auto facts, view_.Rejudge(id, [&](const Fact& fact) {
      const auto standing = Judge(fact);
      if (!standing) {
        judged = tl::unexpected(standing.error());
      }
      return standing.value_or(fact.standing);
    }));
    CHIBO_TRY(judged);
    std::move(facts.begin(), facts.end(), std::back_inserter(changed));
  }
  for (const FactKey& key : authority_->TakeChangedKeys()) {
    CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(key));
    for (const Fact& fact : facts) {
      CHIBO_TRY(JudgeOne(fact, changed));
      CHIBO_TRY(JudgeAttested(fact, changed));
    }
  }
  for (const Fact& fact : unsettled_) {
    CHIBO_TRY(JudgeAttested(fact, changed));
  }
  for (const StreamId& id : std::exchange(texts_changed_, {})) {
    const Stream* stream = streams_.Find(id);
    if (stream == nullptr || !sealed_texts_.IsFor(*stream)) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfStream(id)));
    for (const Fact& fact : facts) {
      if (fact.record != nullptr && fact.record->has_sealed_text()) {
        CHIBO_TRY(JudgeOne(fact, changed));
      }
    }
  }
  return changed;
}

Result<std::set<SubjectId>> Projector::Touched(const std::vector<Fact>& changed) {
  const auto any = [&](bool (*touches)(const Fact&)) {
    return std::any_of(unsettled_.begin(), unsettled_.end(), touches) ||
           std::any_of(changed.begin(), changed.end(), touches);
  };
  if (any(TouchesEverything)) {
    CHIBO_TRY(LoadContext());
    return TouchedByAll();
  }
  std::set<SubjectId> touched;
  if (any(TouchesOrganisation)) {
    const Organisation before = std::move(organisation_);
    CHIBO_TRY(LoadContext());
    // One unit more must not cost a province the evaluation of everybody.
    CHIBO_TRY_VALUE(const auto subjects,
                    SubjectsTouchedByUnits(context(), organisation_.ChangedSince(before)));
    touched.insert(subjects.begin(), subjects.end());
  }
  for (const auto* facts : {&std::as_const(unsettled_), &changed}) {
    for (const Fact& fact : *facts) {
      CHIBO_TRY_VALUE(const auto subjects, SubjectsTouchedBy(context(), fact));
      touched.insert(subjects.begin(), subjects.end());
    }
  }
  return touched;
}

Result<std::set<SubjectId>> Projector::TouchedByAll() {
  // Rows of periods that nothing opens any more would not be met again.
  CHIBO_TRY(view_.EraseDerivedBelow(DerivedTable::kOutcome, {}));
  CHIBO_TRY(view_.EraseDerivedBelow(DerivedTable::kCase, {}));
  std::set<SubjectId> touched;
  CHIBO_TRY(view_.VisitFacts([&](const Fact& fact) {
    const auto subjects = SubjectsNamedBy(fact);
    touched.insert(subjects.begin(), subjects.end());
    return true;
  }));
  return touched;
}

Status Projector::Settle() {
  Status settled = SettleNew();
  facts_.Clear();
  unsettled_.clear();
  fresh_.clear();
  return settled;
}

Status Projector::SettleNew() {
  CHIBO_TRY(JudgeNew());
  CHIBO_TRY_VALUE(const std::vector<Fact> changed,
                  CHIBO_PLANT(kNotJudgedAgain, JudgeAgain(), Result<std::vector<Fact>>()));
  for (const Fact& fact : changed) {
    if (fact.record != nullptr && fact.record->has_register_()) {
      std::erase_if(registers_, [&](const Fact& before) {
        return before.name == fact.name && before.branch == fact.branch;
      });
      registers_.push_back(fact);
    }
  }
  facts_.Settled();
  CHIBO_TRY_VALUE(const auto touched, Touched(changed));
  for (const SubjectId& subject : touched) {
    CHIBO_TRY(EvaluateSubject(subject));
  }
  return {};
}

Status Projector::EvaluateSubject(const SubjectId& subject) {
  CHIBO_TRY_VALUE(const auto periods, PeriodsFor(context(), subject));
  // Of periods, too, that nothing opens any more.
  CHIBO_TRY(view_.EraseDerivedBelow(DerivedTable::kOutcome, SubjectKey(subject)));
  CHIBO_TRY(view_.EraseDerivedBelow(DerivedTable::kCase, SubjectKey(subject)));
  std::optional<SubjectId> joined_into;
  for (const std::string& period : periods) {
    CHIBO_TRY_VALUE(const Outcome outcome, chibo::Evaluate(context(), subject, period));
    if (outcome.row.state() != pb::OFF_REGISTER) {
      const auto unit = UnitId::From(outcome.row.unit()).value_or(UnitId());
      CHIBO_TRY(view_.PutDerived(
          DerivedTable::kOutcome,
          {OutcomeKey(subject, period), OutcomeGroup(unit, period), CanonicalBytes(outcome.row)}));
    }
    for (const pb::CaseRow& row : outcome.cases) {
      CHIBO_TRY(view_.PutDerived(DerivedTable::kCase, {CaseKey(subject, period, row.id()),
                                                       Bytes(row.owner()), CanonicalBytes(row)}));
    }
    if (outcome.joined_into) {
      joined_into = outcome.joined_into;
    }
  }
  return joined_into ? EvaluateSubject(*joined_into) : Status();
}

std::vector<Fact> Projector::TakeRegisters() { return std::exchange(registers_, {}); }

std::set<StreamId> Projector::TakeRejudgedForks() { return std::exchange(rejudged_forks_, {}); }

}  // namespace chibo
