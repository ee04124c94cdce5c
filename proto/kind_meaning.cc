#include "proto/kind_meaning.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "proto/limits.h"
#include "proto/sealed_text.h"

namespace chibo {
namespace {

Status InOrder(std::uint32_t from, std::uint32_t to) {
  return Require(from == 0 || to == 0 || from <= to, "dates_reversed", "to");
}

using Once = std::set<Bytes>;

Status AddOnce(Once& seen, const Bytes& value, std::string_view reason, std::string_view where) {
  return Require(seen.insert(value).second, reason, where);
}

template <typename Values>
Status AllOnce(Once& seen, const Values& values, std::string_view reason, const char* where) {
  for (const Bytes& value : values) {
    CHIBO_TRY(AddOnce(seen, value, reason, where));
  }
  return {};
}

Status AddSubject(Once& seen, const pb::Subject& subject, const char* where) {
  Bytes key(1, static_cast<char>(subject.kind()));
  return AddOnce(seen, key + subject.id(), "subject_twice", where);
}

template <typename Subjects>
Status SubjectsOnce(const Subjects& subjects) {
  Once seen;
  for (const pb::Subject& subject : subjects) {
    CHIBO_TRY(AddSubject(seen, subject, "subjects"));
  }
  return {};
}

template <typename Rows>
Status RowSubjectsOnce(Once& seen, const Rows& rows) {
  for (const auto& row : rows) {
    CHIBO_TRY(AddSubject(seen, row.subject(), "rows"));
  }
  return {};
}

// Where a record travels to other streams than those it names, names must be full.
template <typename Refs>
Status FullNames(const Refs& refs, const char* where) {
  const bool full = std::all_of(refs.begin(), refs.end(),
                                [](const pb::Ref& ref) { return !ref.stream().empty(); });
  return Require(full, "ref_without_stream", where);
}

Status Means(const pb::RootSetBody& body) {
  Once seen;
  for (const pb::Key& key : body.keys()) {
    CHIBO_TRY(Require(key.usage() == pb::SIGN, "key_algorithm_unfit", "keys"));
    CHIBO_TRY(AddOnce(seen, key.key(), "key_twice", "keys"));
  }
  return Require(body.threshold() <= seen.size(), "threshold_above_keys", "threshold");
}

Status Means(const pb::CertificateBody& body) {
  CHIBO_TRY(Require(body.depth() <= limits::kChainDepthMax, "number_out_of_range", "depth"));
  // Depth 1 is what the root set signs.
  CHIBO_TRY(Require(body.issuer().empty() == (body.depth() == 1), "issuer_unfit", "issuer"));
  CHIBO_TRY(
      Require(body.person().empty() == (body.role() != pb::PERSON), "person_unfit", "person"));
  const auto signing = std::count_if(body.keys().begin(), body.keys().end(),
                                     [](const pb::Key& key) { return key.usage() == pb::SIGN; });
  return Require(signing == 1, "certificate_sign_keys", "keys");
}

Status Means(const pb::PersonKey& record) {
  return Require(record.key().usage() == pb::SIGN, "key_algorithm_unfit", "key.usage");
}

template <typename Points>
Status StreamsOnce(const Points& points, const char* where) {
  Once seen;
  for (const pb::Point& point : points) {
    CHIBO_TRY(AddOnce(seen, point.stream(), "stream_twice", where));
  }
  return {};
}

Status Means(const pb::RevocationBody& body) { return StreamsOnce(body.kept(), "kept"); }
Status Means(const pb::PointList& record) { return StreamsOnce(record.points(), "points"); }

Status Means(const pb::AdoptionBody& body) {
  return Require(body.from() < body.to(), "range_empty", "to");
}

Status Means(const pb::ForkRulingBody& body) {
  CHIBO_TRY(Require(body.chosen().stream() == body.stream(), "stream_differs", "chosen.stream"));
  return Require(body.chosen().size() > 0, "field_required", "chosen.size");
}

Status Means(const pb::Register& record) {
  return Require(record.received_size() > 0, "field_required", "received");
}

Status Means(const pb::Copy& record) {
  CHIBO_TRY(Require(record.index() < record.size(), "number_out_of_range", "index"));
  return Require(record.position() < static_cast<std::uint32_t>(record.commitments_size()),
                 "number_out_of_range", "position");
}

Status Means(const pb::SealedText& record) {
  CHIBO_TRY(Require(record.secrets_size() > 0 || record.payloads_size() > 0, "field_required",
                    "secrets"));
  for (const pb::SealedSecret& secret : record.secrets()) {
    CHIBO_TRY(Require(secret.box().size() == kSecretBoxBytes, "field_wrong_size", "secrets.box"));
  }
  for (const pb::SealedPayload& payload : record.payloads()) {
    CHIBO_TRY(Require(payload.position() < limits::kEntryRecordsMax, "number_out_of_range",
                      "payloads.position"));
    CHIBO_TRY(Require(payload.box().size() > kSealOverhead, "field_wrong_size", "payloads.box"));
  }
  return {};
}

Status Means(const pb::UnitBody& body) {
  return Require(body.unit() != body.parent(), "unit_under_itself", "parent");
}

Status Means(const pb::UnitChangeBody& body) {
  Once from;
  CHIBO_TRY(AllOnce(from, body.from(), "unit_twice", "from"));
  Once into;
  CHIBO_TRY(AllOnce(into, body.into(), "unit_twice", "into"));
  CHIBO_TRY(Require(body.previous_size() == 0 || body.previous_size() == body.from_size(),
                    "previous_not_one_a_unit", "previous"));
  switch (body.kind()) {
    case pb::RENAME:
      CHIBO_TRY(Require(body.from_size() == 1, "change_units_unfit", "from"));
      return Require(!body.name().empty(), "field_required", "name");
    case pb::MOVE:
      CHIBO_TRY(Require(!body.parent().empty(), "field_required", "parent"));
      return Require(!from.contains(body.parent()), "unit_under_itself", "parent");
    case pb::SPLIT:
      CHIBO_TRY(Require(body.from_size() == 1, "change_units_unfit", "from"));
      return Require(body.into_size() > 0, "field_required", "into");
    case pb::MERGE:
      return Require(body.into_size() == 1, "change_units_unfit", "into");
    default:
      return {};
  }
}

Status Means(const pb::Membership& record) { return InOrder(record.from(), record.to()); }
Status Means(const pb::Leave& record) { return InOrder(record.from(), record.to()); }

Status Means(const pb::Transfer& record) {
  CHIBO_TRY(Require(record.to().empty() != record.outside().empty(), "place_unclear", "to"));
  return Require(record.from() != record.to(), "place_unclear", "to");
}

Status Means(const pb::Posting& record) {
  CHIBO_TRY(Require(record.place().empty() != record.outside().empty(), "place_unclear", "place"));
  return InOrder(record.from(), record.to());
}

Status Means(const pb::Meeting& record) {
  CHIBO_TRY(Require(
      record.start_ms() == 0 || record.end_ms() == 0 || record.start_ms() <= record.end_ms(),
      "dates_reversed", "end_ms"));
  // Nobody is both there and away.
  Once seen;
  CHIBO_TRY(AllOnce(seen, record.present(), "person_twice", "present"));
  for (const auto* absences : {&record.excused(), &record.unexcused()}) {
    for (const pb::Absence& absence : *absences) {
      CHIBO_TRY(AddOnce(seen, absence.person(), "person_twice",
                        absences == &record.excused() ? "excused" : "unexcused"));
    }
  }
  return {};
}

Status Means(const pb::VoteSession& record) {
  Once tellers;
  CHIBO_TRY(AllOnce(tellers, record.tellers(), "person_twice", "tellers"));
  return SubjectsOnce(record.subjects());
}

Status Means(const pb::Tally& record) {
  Once seen;
  return RowSubjectsOnce(seen, record.rows());
}

Status Means(const pb::TallyCorrection& record) {
  CHIBO_TRY(Require(record.rows_size() > 0 || record.has_base(), "field_required", "rows"));
  Once seen;
  return RowSubjectsOnce(seen, record.rows());
}

Status Means(const pb::Proposal& record) {
  Once seen;
  CHIBO_TRY(AddSubject(seen, record.subject(), "subject"));
  return RowSubjectsOnce(seen, record.rows());
}

Status Means(const pb::DecisionBody& body) {
  CHIBO_TRY(Require(body.part() <= body.parts() && (body.part() == 0) == (body.parts() == 0),
                    "number_out_of_range", "part"));
  for (const pb::DecisionRow& row : body.rows()) {
    CHIBO_TRY(FullNames(row.weighed(), "rows.weighed"));
  }
  Once seen;
  return RowSubjectsOnce(seen, body.rows());
}

Status Means(const pb::ConfirmationBody& body) { return FullNames(body.weighed(), "weighed"); }
Status Means(const pb::CancellationBody& body) { return SubjectsOnce(body.subjects()); }
Status Means(const pb::RegradeOrderBody& body) {
  CHIBO_TRY(SubjectsOnce(body.subjects()));
  return FullNames(body.proposals(), "proposals");
}
Status Means(const pb::ReturnBody& body) { return FullNames(body.records(), "records"); }
Status Means(const pb::PeerGroupBody& body) { return SubjectsOnce(body.subjects()); }

Status Means(const pb::DuplicateChoice& record) {
  CHIBO_TRY(Require(record.has_canonical() == (record.duplicates_size() > 0), "field_required",
                    record.has_canonical() ? "duplicates" : "canonical"));
  CHIBO_TRY(
      Require(record.has_canonical() || record.persons_size() > 0, "field_required", "canonical"));
  Once seen;
  CHIBO_TRY(AllOnce(seen, record.persons(), "person_twice", "persons"));
  return Require(seen.size() != 1, "field_required", "persons");
}

Status Means(const pb::Attestation& record) {
  CHIBO_TRY(Require(record.positions_size() > 0 || record.contents_size() > 0, "field_required",
                    "positions"));
  std::set<std::uint32_t> seen;
  for (const std::uint32_t position : record.positions()) {
    CHIBO_TRY(Require(position < limits::kEntryRecordsMax && seen.insert(position).second,
                      "number_out_of_range", "positions"));
  }
  return {};
}

Status Means(const pb::RulePackBody& body) {
  Once seen;
  for (const pb::Parameter& parameter : body.parameters()) {
    CHIBO_TRY(AddOnce(seen, parameter.name(), "parameter_twice", "parameters"));
  }
  return {};
}

}  // namespace

// A new kind does not compile until it has been thought about here.
Status MeansByKind(const pb::Record& record) {
  using R = pb::Record;
  // clang-format off
  switch (record.body_case()) {
    case R::kRootSet: return Means(record.root_set().body());
    case R::kUnit: return Means(record.unit().body());
    case R::kUnitChange: return Means(record.unit_change().body());
    case R::kCertificate: return Means(record.certificate().body());
    case R::kPersonKey: return Means(record.person_key());
    case R::kRevocation: return Means(record.revocation().body());
    case R::kAdoption: return Means(record.adoption().body());
    case R::kForkRuling: return Means(record.fork_ruling().body());
    case R::kRegister: return Means(record.register_());
    case R::kMembership: return Means(record.membership());
    case R::kTransfer: return Means(record.transfer());
    case R::kPosting: return Means(record.posting());
    case R::kLeave: return Means(record.leave());
    case R::kMeeting: return Means(record.meeting());
    case R::kVoteSession: return Means(record.vote_session());
    case R::kTally: return Means(record.tally());
    case R::kTallyCorrection: return Means(record.tally_correction());
    case R::kProposal: return Means(record.proposal());
    case R::kDecision: return Means(record.decision().body());
    case R::kConfirmation: return Means(record.confirmation().body());
    case R::kCancellation: return Means(record.cancellation().body());
    case R::kRegradeOrder: return Means(record.regrade_order().body());
    case R::kDuplicateChoice: return Means(record.duplicate_choice());
    case R::kReturn: return Means(record.return_().body());
    case R::kAttestation: return Means(record.attestation());
    case R::kRulePack: return Means(record.rule_pack().body());
    case R::kPeerGroup: return Means(record.peer_group().body());
    case R::kCopy: return Means(record.copy());
    case R::kSealedText: return Means(record.sealed_text());
    case R::kPointList: return Means(record.point_list());
    case R::kMember:
    case R::kCivilServantGrade:
    case R::kMinutes:
    case R::kReviewReport:
    case R::kOpinion:
    case R::kWaiver: return {};
    case R::BODY_NOT_SET:
      break;
  }
  // clang-format on
  CHECK(false);
}

}  // namespace chibo
