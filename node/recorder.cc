#include "node/recorder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/planted.h"
#include "domain/decision.h"
#include "node/person_label.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

struct Destination {
  pb::StreamKind kind = pb::LINE;
  UnitId other;

  friend auto operator<=>(const Destination&, const Destination&) = default;
};

// The unit whose devices keep the papers of `unit`: itself, or for a collective the party unit
// above it.
UnitId PaperKeeper(const Organisation& organisation, const UnitId& unit) {
  const auto state = organisation.At(unit);
  return state && state->kind == pb::COLLECTIVE && state->parent ? *state->parent : unit;
}

Result<std::optional<UnitId>> UnitOf(const Replica& replica, const pb::Subject& subject,
                                     const std::string& period) {
  const auto id = SubjectId::From(subject);
  if (!id) {
    return std::nullopt;
  }
  if (!id->is_member()) {
    return PaperKeeper(replica.projector().organisation(), id->unit());
  }
  CHIBO_TRY_VALUE(const auto row, OutcomeRows(replica.view()).Find(*id, period));
  return row ? UnitId::From(row->unit()) : std::nullopt;
}

class Router {
 public:
  explicit Router(const Replica& replica) : replica_(replica) {}

  Result<std::set<Destination>> Route(const pb::Record& record) {
    switch (record.body_case()) {
      case pb::Record::kUnit:
      case pb::Record::kUnitChange:
      case pb::Record::kRulePack:
      case pb::Record::kPeerGroup:
      case pb::Record::kRootSet:
        return std::set<Destination>{{pb::DOWN, UnitId()}};
      case pb::Record::kDecision: {
        CHIBO_TRY_VALUE(const auto units,
                        Addressees(replica_.projector().context(), record.decision().body()));
        for (const UnitId& unit : units) {
          Add(unit);
        }
        return Take();
      }
      case pb::Record::kConfirmation:
        return ForSubject(record.confirmation().body().subject(),
                          record.confirmation().body().period());
      case pb::Record::kWaiver:
        return ForSubject(record.waiver().body().subject(), record.waiver().body().period());
      case pb::Record::kRegradeOrder:
        for (const pb::Subject& subject : record.regrade_order().body().subjects()) {
          CHIBO_TRY(AddSubject(subject, record.regrade_order().body().period()));
        }
        AddWritersOf(record.regrade_order().body().proposals());
        return Take();
      case pb::Record::kCancellation:
        return ForDecision(record.cancellation().body().decision());
      case pb::Record::kReturn:
        AddWritersOf(record.return_().body().records());
        return Take();
      case pb::Record::kAdoption:
        return ForStream(record.adoption().body().stream());
      case pb::Record::kForkRuling:
        return ForStream(record.fork_ruling().body().stream());
      case pb::Record::kOpinion:
        return ForOpinion(record.opinion());
      case pb::Record::kPosting:
        AddId(record.posting().place());
        AddId(record.posting().home());
        return Take();
      case pb::Record::kTransfer:
        AddId(record.transfer().from());
        AddId(record.transfer().to());
        return Take();
      default:
        return std::set<Destination>{{pb::LINE, UnitId()}};
    }
  }

 private:
  void Add(const UnitId& unit) {
    const UnitId keeper = PaperKeeper(replica_.projector().organisation(), unit);
    const UnitId& own = replica_.settings().unit;
    if (keeper != own && replica_.visibility().IsWithin(keeper, own)) {
      destinations_.insert({pb::TO, keeper});
    } else {
      destinations_.insert({pb::LINE, UnitId()});
    }
  }
  template <typename Refs>
  void AddWritersOf(const Refs& refs) {
    for (const pb::Ref& ref : refs) {
      const auto name = NameOf(ref);
      const Stream* stream = name ? replica_.streams().Find(name->stream) : nullptr;
      if (stream != nullptr) {
        Add(stream->unit);
      }
    }
  }
  void AddId(const std::string& bytes) {
    if (const auto unit = UnitId::From(bytes)) {
      Add(*unit);
    }
  }
  Status AddSubject(const pb::Subject& subject, const std::string& period) {
    CHIBO_TRY_VALUE(const auto unit, UnitOf(replica_, subject, period));
    if (unit) {
      Add(*unit);
    }
    return {};
  }
  Result<std::set<Destination>> ForSubject(const pb::Subject& subject, const std::string& period) {
    CHIBO_TRY(AddSubject(subject, period));
    return Take();
  }
  // The unit somebody is graded in; of a guest here the one that the transfer says is left
  // meanwhile.
  Result<std::optional<UnitId>> HomeOf(const SubjectId& member, const std::string& period) {
    // Not as of the rows kept: nothing may have been said yet of that period here.
    CHIBO_TRY_VALUE(const Outcome outcome,
                    Evaluate(replica_.projector().context(), member, period));
    auto home = UnitId::From(outcome.row.unit());
    if (home) {
      return home;
    }
    std::uint32_t newest = 0;
    CHIBO_TRY_VALUE(const auto facts, replica_.view().FactsOf(member.key()));
    for (const Fact& fact : facts) {
      if (!fact.counts() || !fact.record->has_transfer()) {
        continue;
      }
      const pb::Transfer& transfer = fact.record->transfer();
      if (transfer.kind() == pb::TEMPORARY_STAY && transfer.effective() >= newest &&
          transfer.to() == replica_.settings().unit.view()) {
        newest = transfer.effective();
        home = UnitId::From(transfer.from());
      }
    }
    return home;
  }
  // An opinion on somebody who is graded elsewhere goes there, once it is known who keeps that
  // unit. Its superior reads it there as it would here.
  Result<std::set<Destination>> ForOpinion(const pb::Opinion& opinion) {
    const auto subject = SubjectId::From(opinion.about());
    if (!subject || !subject->is_member()) {
      return Take();
    }
    CHIBO_TRY_VALUE(const auto unit, HomeOf(*subject, opinion.period()));
    const UnitId& own = replica_.settings().unit;
    const Visibility may = replica_.visibility();
    if (unit && !may.IsWithin(*unit, own) && !may.IsWithin(own, *unit) &&
        replica_.authority().KeeperOf(*unit)) {
      destinations_.insert({pb::TO, *unit});
    }
    return Take();
  }
  // What is said about a stream goes to the unit that writes it.
  Result<std::set<Destination>> ForStream(const std::string& bytes) {
    const auto id = StreamId::From(bytes);
    const Stream* stream = id ? replica_.streams().Find(*id) : nullptr;
    if (stream != nullptr) {
      Add(stream->unit);
    }
    return Take();
  }
  // What is said about a decision goes where the decision stands.
  Result<std::set<Destination>> ForDecision(const std::string& digest) {
    const auto hash = Hash::From(digest);
    if (hash) {
      CHIBO_TRY_VALUE(const auto facts, replica_.view().FactsOf(KeyOfDigest(*hash)));
      for (const Fact& fact : facts) {
        if (fact.kind == pb::Record::kDecision && fact.stream_kind == pb::TO) {
          Add(fact.other);
        }
      }
    }
    return Take();
  }
  std::set<Destination> Take() {
    if (destinations_.empty()) {
      destinations_.insert({pb::LINE, UnitId()});
    }
    return std::exchange(destinations_, {});
  }

  const Replica& replica_;
  std::set<Destination> destinations_;
};

// Fills `issuer` and adds the officer's signature to a signed kind that has none yet.
Status SignBody(const Replica& replica, const Signers& signers, pb::Record& record) {
  if (!SignaturesOf(record).empty()) {
    return {};
  }
  if (!signers.officer) {
    return Fail(Code::kNotAllowed, "officer_needed");
  }
  auto& message = MutableBodyOf(static_cast<std::uint32_t>(record.body_case()), record);
  const auto* body_field = message.GetDescriptor()->FindFieldByName("body");
  CHECK(body_field != nullptr);
  auto* body = message.GetReflection()->MutableMessage(&message, body_field);
  const auto* issuer = body->GetDescriptor()->FindFieldByName("issuer");
  if (issuer != nullptr && signers.officer->certificate) {
    body->GetReflection()->SetString(body, issuer, Bytes(signers.officer->certificate->view()));
  }
  SignAs(*signers.officer, replica.settings().network, record);
  return {};
}

// By the id where nothing here says the name: the person's register line may be of another unit.
Result<std::string> NameOfAttestor(const Replica& replica, const pb::Attestor& attestor) {
  const auto person = PersonId::From(attestor.person());
  if (!person) {
    return ToHex(attestor.person());
  }
  CHIBO_TRY_VALUE(const PersonLabel label, LabelOf(replica, *person));
  return label.name.empty() ? person->hex() : label.name;
}

Status Attest(const Replica& replica, const Signers& signers, const VotePapers& vote_papers,
              const std::vector<pb::Record>& records, pb::Attestation& attestation) {
  const bool signs_here =
      std::any_of(attestation.attestors().begin(), attestation.attestors().end(),
                  [](const pb::Attestor& attestor) { return attestor.signature().empty(); });
  if (signs_here) {
    CHIBO_TRY(CheckNumbersToSign(replica.view(), vote_papers, records, attestation));
  }
  std::vector<Hash> contents;
  for (const std::uint32_t position : attestation.positions()) {
    if (position >= records.size()) {
      return Fail(Code::kBadInput, "attestation_position", std::to_string(position));
    }
    const pb::Record& record = records[position];
    contents.push_back(
        ContentDigest(static_cast<std::uint32_t>(record.body_case()), PayloadOf(record)));
  }
  for (const std::string& content : attestation.contents()) {
    contents.push_back(Hash::From(content).value_or(Hash()));
  }
  for (pb::Attestor& attestor : *attestation.mutable_attestors()) {
    if (!attestor.signature().empty()) {
      continue;
    }
    const auto signer = std::find_if(signers.persons.begin(), signers.persons.end(),
                                     [&](const PersonSigner& candidate) {
                                       return candidate.person.view() == attestor.person();
                                     });
    if (signer == signers.persons.end()) {
      CHIBO_TRY_VALUE(std::string who, NameOfAttestor(replica, attestor));
      return Fail(Code::kNotAllowed, "attestor_key_missing", std::move(who));
    }
    attestor.set_signature(Bytes(
        signer->key
            ->Sign(AttestationMessage(replica.settings().network, replica.settings().unit.view(),
                                      attestor.act(), contents))
            .view()));
  }
  return {};
}

void KeepVotePapers(const std::vector<pb::Record>& records,
                    const std::vector<std::size_t>& positions, RecordName name, VotePapers& out) {
  for (const std::size_t position : positions) {
    const pb::Record& record = records[position];
    if (record.has_vote_session() || record.has_tally() || record.has_tally_correction()) {
      out.emplace(name, record);
    }
    ++name.position;
  }
}

bool IsNarrowed(const pb::Action& action, std::size_t position) {
  const auto& narrowed = action.parent_only();
  return std::find(narrowed.begin(), narrowed.end(), position) != narrowed.end();
}

Status CheckNarrowed(const pb::Action& action, const std::vector<pb::Record>& records,
                     std::size_t position) {
  const KindTraits& traits = *TraitsOf(static_cast<std::uint32_t>(records[position].body_case()));
  if (IsNarrowed(action, position) && !MayBeNarrowed(traits)) {
    return Fail(Code::kBadInput, "kind_not_narrowed",
                "records[" + std::to_string(position) + "]." + std::string(traits.name));
  }
  return {};
}

pb::Reach ReachOf(const pb::Action& action, const std::vector<pb::Record>& records,
                  std::size_t position) {
  if (IsNarrowed(action, position)) {
    return pb::PARENT;
  }
  const pb::Record& record = records[position];
  if (!record.has_attestation()) {
    return TraitsOf(static_cast<std::uint32_t>(record.body_case()))->reach;
  }
  // An attestation has the reach of what it attests.
  for (const std::uint32_t attested : record.attestation().positions()) {
    if (attested < position && ReachOf(action, records, attested) == pb::PARENT) {
      return pb::PARENT;
    }
  }
  return pb::ALL;
}

}  // namespace

Result<RecordName> RecordAction(Replica& replica, StreamWriter& writer, const pb::Action& action,
                                const Signers& signers, Timestamp now, Recorded& recorded) {
  std::vector<pb::Record> records(action.records().begin(), action.records().end());
  std::map<Destination, std::vector<std::size_t>> routes;
  Router router(replica);
  bool attests = false;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].has_regrade_order() && SignaturesOf(records[i]).empty()) {
      CHIBO_TRY(CompleteOrder(replica.projector().context(),
                              *records[i].mutable_regrade_order()->mutable_body()));
    }
    CHIBO_TRY(CheckNarrowed(action, records, i));
    if (auto meant = CheckMeaning(records[i]);
        !meant && !records[i].has_attestation() &&
        TraitsOf(static_cast<std::uint32_t>(records[i].body_case()))->object.empty()) {
      Error error = std::move(meant).error();
      error.where = "records[" + std::to_string(i) + "]." + error.where;
      return tl::unexpected(std::move(error));
    }
    CHIBO_TRY_VALUE(const auto destinations, router.Route(records[i]));
    for (const Destination& destination : destinations) {
      routes[destination].push_back(i);
    }
    attests = attests || records[i].has_attestation();
  }
  if (attests && routes.size() > 1) {
    return Fail(Code::kBadInput, "attestation_across_streams");
  }
  for (pb::Record& record : records) {
    if (!TraitsOf(static_cast<std::uint32_t>(record.body_case()))->object.empty()) {
      CHIBO_TRY(SignBody(replica, signers, record));
    } else if (record.has_attestation()) {
      CHIBO_TRY(
          Attest(replica, signers, recorded.vote_papers, records, *record.mutable_attestation()));
    }
  }
  std::optional<RecordName> first;
  for (const auto& [destination, positions] : routes) {
    Draft draft;
    draft.claimed = action.claimed_time_ms() == 0
                        ? now
                        : Timestamp(std::chrono::milliseconds(action.claimed_time_ms()));
    for (const std::size_t position : positions) {
      draft.Add(records[position], ReachOf(action, records, position));
      CHIBO_TRY(CHIBO_PLANT(kPartialCountKept, Status(), ([&]() -> Status {
                              pb::Record part = records[position];
                              if (!part.has_tally()) {
                                return {};
                              }
                              part.mutable_tally()->mutable_rows(0)->set_valid(1);
                              return replica.log().PutValue("label/count", PayloadOf(part));
                            }())));
    }
    recorded.records += positions.size();
    CHIBO_TRY_VALUE(const RecordName name,
                    writer.Append(destination.kind, destination.other, std::move(draft)));
    recorded.names.push_back(name);
    KeepVotePapers(records, positions, name, recorded.vote_papers);
    ++recorded.entries;
    if (!first) {
      first = name;
    }
  }
  CHECK(first.has_value());
  return *first;
}

namespace {

// Without these nothing can be held against the rules.
Status CheckNamed(const pb::DecisionBody& body, std::size_t position) {
  const char* missing = body.authority().empty() ? "authority"
                        : body.period().empty()  ? "period"
                        : body.rows().empty()    ? "rows"
                                                 : nullptr;
  return missing == nullptr
             ? Status()
             : Fail(Code::kBadInput, "field_required",
                    "records[" + std::to_string(position) + "].decision.body." + missing);
}

// What was recorded before it in the same call may be what it rests on.
Status CheckDecisionsToSign(Replica& replica, StreamWriter& writer, const pb::Action& action,
                            std::vector<DecisionFinding>& findings) {
  std::vector<pb::DecisionBody> bodies;
  for (int i = 0; i < action.records_size(); ++i) {
    const pb::Record& record = action.records(i);
    if (record.has_decision() && SignaturesOf(record).empty()) {
      CHIBO_TRY(CheckNamed(record.decision().body(), static_cast<std::size_t>(i)));
      bodies.push_back(record.decision().body());
    }
  }
  if (bodies.empty()) {
    return {};
  }
  CHIBO_TRY(writer.Settle());
  CHIBO_TRY_VALUE(
      auto said, CheckDecision(replica.projector().context(), OutcomeRows(replica.view()), bodies));
  const bool blocked = Blocks(said);
  std::move(said.begin(), said.end(), std::back_inserter(findings));
  return blocked ? Status(Fail(Code::kBlocked, "decision_blocked")) : Status();
}

// One call that records lines, in the caller's transaction.
class Recording {
 public:
  Recording(Replica& replica, const Signers& signers, Timestamp now)
      : replica_(replica), signers_(signers), now_(now), reader_(replica) {}

  Status Refresh() { return reader_.Refresh(); }

  // `skipped`: so many of the lines that hold something are there already.
  Status Take(StreamWriter& writer, std::span<const std::string> lines, std::uint64_t skipped) {
    for (const std::string& line : lines) {
      ++number_;
      if (!HoldsSomething(line)) {
        continue;
      }
      if (skipped > 0) {
        --skipped;
        continue;
      }
      CHIBO_TRY_VALUE(const pb::Action action, reader_.Read(line));
      CHIBO_TRY(CheckDecisionsToSign(replica_, writer, action, recorded_.findings));
      CHIBO_TRY_VALUE(const RecordName first,
                      RecordAction(replica_, writer, action, signers_, now_, recorded_));
      CHIBO_TRY(reader_.Remember(action, first));
    }
    return {};
  }

  Status TakeFile(StreamWriter& writer, const std::vector<std::string>& lines, bool again,
                  std::size_t file_number) {
    RecordedFiles files(replica_.streams(), replica_.log());
    RecordedFile file;
    if (!again) {
      CHIBO_TRY_VALUE(const auto before, files.Find(lines));
      if (before) {
        recorded_.already[file_number] = file = *before;
      }
    }
    const std::size_t entries = recorded_.entries;
    const std::size_t records = recorded_.records;
    const std::uint64_t skipped = file.lines;
    CHIBO_TRY(Take(writer, lines, skipped));
    if (recorded_.entries == entries) {
      return {};
    }
    file.entries += recorded_.entries - entries;
    file.records += recorded_.records - records;
    file.first = skipped > 0 ? file.first : recorded_.names[entries];
    file.last = recorded_.names.back();
    file.at = now_;
    return files.Remember(lines, file);
  }

  // Everything was taken: what fails from now on is the fault of no line.
  void End() { number_ = 0; }

  Result<Recorded> Done(const Status& done, std::vector<DecisionFinding>* blocked_by) {
    if (done) {
      return std::move(recorded_);
    }
    Error error = done.error();
    if (error.code == Code::kBlocked && blocked_by != nullptr) {
      *blocked_by = std::move(recorded_.findings);
    }
    if (number_ > 0) {
      error.where = "line " + std::to_string(number_) + ": " + error.where;
    }
    return tl::unexpected(std::move(error));
  }

 private:
  Replica& replica_;
  const Signers& signers_;
  Timestamp now_;
  ActionReader reader_;
  Recorded recorded_;
  std::size_t number_ = 0;  // of the line that is being taken
};

}  // namespace

Result<Recorded> RecordLines(Replica& replica, const std::vector<std::string>& lines,
                             const Signers& signers, Timestamp now,
                             std::vector<DecisionFinding>* blocked_by) {
  Recording recording(replica, signers, now);
  CHIBO_TRY(recording.Refresh());
  const Status done = replica.Transact(now, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(recording.Take(writer, lines, 0));
    recording.End();
    return {};
  });
  return recording.Done(done, blocked_by);
}

Result<Recorded> RecordFiles(Replica& replica, const std::vector<std::vector<std::string>>& files,
                             bool again, const Signers& signers, Timestamp now,
                             std::vector<DecisionFinding>* blocked_by) {
  Recording recording(replica, signers, now);
  CHIBO_TRY(recording.Refresh());
  const Status done = replica.Transact(now, [&](StreamWriter& writer) -> Status {
    for (std::size_t i = 0; i < files.size(); ++i) {
      CHIBO_TRY(recording.TakeFile(writer, files[i], again, i));
    }
    recording.End();
    return {};
  });
  return recording.Done(done, blocked_by);
}

}  // namespace chibo
