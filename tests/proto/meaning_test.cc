#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "proto/field_rule.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "reason at place", or "fine".
std::string Verdict(const pb::Record& record) {
  const Status status = CheckMeaning(record);
  if (status) {
    return "fine";
  }
  EXPECT_EQ(status.error().code, Code::kBadInput);
  return std::string(status.error().reason) + " at " + status.error().where;
}

// The sample of that kind with this text merged over it (repeated fields grow).
pb::Record With(Kind kind, const char* text) {
  pb::Record record = sample::RecordOf(kind);
  CHECK(google::protobuf::TextFormat::MergeFromString(text, &record));
  return record;
}
std::string VerdictWith(Kind kind, const char* text) { return Verdict(With(kind, text)); }

// The record of this text alone.
std::string VerdictOf(const char* text) {
  pb::Record record;
  CHECK(google::protobuf::TextFormat::ParseFromString(text, &record));
  return Verdict(record);
}

// ---- Field rules --------------------------------------------------------------------------------

void CollectMessages(const Descriptor* message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(message).second) {
    return;
  }
  for (int i = 0; i < message->field_count(); ++i) {
    if (message->field(i)->message_type() != nullptr) {
      CollectMessages(message->field(i)->message_type(), seen);
    }
  }
}

std::set<const Descriptor*> RecordMessages() {
  std::set<const Descriptor*> seen;
  CollectMessages(pb::Record::descriptor(), seen);
  return seen;
}

TEST(FieldRules, StandForEveryTextAndByteField) {
  for (const Descriptor* message : RecordMessages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
        continue;
      }
      const FieldRule* rule = RuleOf(field);
      ASSERT_NE(rule, nullptr) << field.full_name();
      const bool for_bytes = rule->shape == Shape::kId || rule->shape == Shape::kHash ||
                             rule->shape == Shape::kKeyId || rule->shape == Shape::kRandom ||
                             rule->shape == Shape::kSignature || rule->shape == Shape::kOpaque;
      EXPECT_EQ(for_bytes, field.type() == FieldDescriptor::TYPE_BYTES) << field.full_name();
    }
  }
}

TEST(FieldRules, NameFieldsOfTheSchema) {
  std::set<std::string> names;
  for (const Descriptor* message : RecordMessages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      names.insert(message->name() + "." + message->field(i)->name());
    }
  }
  for (const FieldRule& rule : AllFieldRules()) {
    EXPECT_TRUE(names.contains(std::string(rule.field))) << rule.field;
  }
}

// A number whose name says a date and that has no rule would be taken as anything.
TEST(FieldRules, StandForDates) {
  const std::set<std::string> dates = {"birth",     "admitted", "official",  "status_from",
                                       "effective", "issued",   "presented", "date",
                                       "signed",    "received"};
  for (const Descriptor* message : RecordMessages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 && dates.contains(field.name()) &&
          message->name() != "VoteBase" && message->name() != "TallyRow") {
        ASSERT_NE(RuleOf(field), nullptr) << field.full_name();
        EXPECT_EQ(RuleOf(field)->shape, Shape::kDate) << field.full_name();
      }
    }
  }
}

// ---- Generic refusals, over every field of every sample -----------------------------------------

// Calls `visit` for every message inside the record, the outermost first.
template <typename Visit>
void ForEachMessage(Message& message, const Visit& visit) {
  visit(message);
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr) {
      continue;
    }
    if (!field->is_repeated()) {
      ForEachMessage(*reflection.MutableMessage(&message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      ForEachMessage(*reflection.MutableRepeatedMessage(&message, field, i), visit);
    }
  }
}

// What is refused when one field of one message of the record has been changed.
template <typename Change>
void ExpectRefusedAfter(const Change& change) {
  int refused = 0;
  for (const pb::Record& sample : sample::Records()) {
    pb::Record record = sample;
    Message& body = MutableBodyOf(static_cast<std::uint32_t>(record.body_case()), record);
    ForEachMessage(body, [&](Message& message) {
      for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
        const FieldDescriptor& field = *message.GetDescriptor()->field(i);
        const FieldRule* rule = RuleOf(field);
        const std::unique_ptr<Message> before(message.New());
        before->CopyFrom(message);
        if (change(message, field, rule)) {
          EXPECT_NE(Verdict(record), "fine") << field.full_name();
          ++refused;
        }
        message.CopyFrom(*before);
      }
    });
    EXPECT_EQ(Verdict(record), "fine");
  }
  EXPECT_GT(refused, 10);
}

TEST(Meaning, RefusesEveryRequiredFieldLeftOut) {
  ExpectRefusedAfter([](Message& message, const FieldDescriptor& field, const FieldRule* rule) {
    if (rule == nullptr || !rule->required) {
      return false;
    }
    message.GetReflection()->ClearField(&message, &field);
    return true;
  });
}

TEST(Meaning, RefusesIdsAndHashesOfOtherSizes) {
  ExpectRefusedAfter([](Message& message, const FieldDescriptor& field, const FieldRule* rule) {
    if (field.type() != FieldDescriptor::TYPE_BYTES || rule->shape == Shape::kOpaque) {
      return false;
    }
    if (field.is_repeated()) {
      message.GetReflection()->AddString(&message, &field, "short");
    } else {
      message.GetReflection()->SetString(&message, &field, "short");
    }
    return true;
  });
}

TEST(Meaning, RefusesTextThatIsNotPlain) {
  ExpectRefusedAfter([](Message& message, const FieldDescriptor& field, const FieldRule*) {
    if (field.type() != FieldDescriptor::TYPE_STRING) {
      return false;
    }
    if (field.is_repeated()) {
      message.GetReflection()->AddString(&message, &field, "An\u202enA");
    } else {
      message.GetReflection()->SetString(&message, &field, "a\x1b[2J");
    }
    return true;
  });
}

TEST(Meaning, RefusesEnumsOutOfRange) {
  ExpectRefusedAfter([](Message& message, const FieldDescriptor& field, const FieldRule*) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) {
      return false;
    }
    if (field.is_repeated()) {
      message.GetReflection()->AddEnumValue(&message, &field, 0);
    } else {
      message.GetReflection()->SetEnumValue(&message, &field, 77);
    }
    return true;
  });
}

TEST(Meaning, RefusesDatesThatDoNotExist) {
  ExpectRefusedAfter([](Message& message, const FieldDescriptor& field, const FieldRule* rule) {
    if (rule == nullptr || rule->shape != Shape::kDate) {
      return false;
    }
    message.GetReflection()->SetUInt32(&message, &field, 20190229);
    return true;
  });
}

TEST(Meaning, RefusesARecordWithoutBody) {
  EXPECT_EQ(Verdict(pb::Record()), "field_required at body");
  for (const KindTraits& traits : AllKinds()) {
    if (!traits.object.empty()) {
      pb::Record record;
      MutableBodyOf(static_cast<std::uint32_t>(traits.kind), record);
      EXPECT_EQ(Verdict(record), "field_required at " + std::string(traits.name) + ".body");
    }
  }
}

TEST(Meaning, SaysWhereInside) {
  EXPECT_EQ(VerdictWith(Kind::kDecision, "decision { body { rows { subject { id: 'x' } } } }"),
            "field_wrong_size at decision.body.rows[1].subject.id");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { present: 'x' }"),
            "field_wrong_size at meeting.present[2]");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { present: '' }"),
            "field_required at meeting.present[2]");
  EXPECT_EQ(VerdictWith(Kind::kMember, "member { birth: 19000229 }"),
            "date_does_not_exist at member.birth");
}

TEST(Meaning, BoundsNames) {
  pb::Record record = sample::RecordOf(Kind::kMember);
  record.mutable_member()->set_name(std::string(256, 'x'));
  EXPECT_EQ(Verdict(record), "fine");
  record.mutable_member()->set_name(std::string(257, 'x'));
  EXPECT_EQ(Verdict(record), "name_too_long at member.name");
  record = sample::RecordOf(Kind::kMinutes);
  record.mutable_minutes()->set_text(std::string(10'000, 'x').append("\n"));
  EXPECT_EQ(Verdict(record), "fine");
}

// ---- What one kind needs ------------------------------------------------------------------------

TEST(Meaning, OfARef) {
  EXPECT_EQ(VerdictOf("tally { session { position: 0 } rows { subject { id: 'person-nguyen-an' } "
                      "votes: [0, 0, 0, 0] } }"),
            "fine")
      << "no stream and index 0: a record of the same entry";
  EXPECT_EQ(VerdictWith(Kind::kMember,
                        "member { supersedes { stream: 'stream-of-cell-3................' } }"),
            "ref_to_genesis at member.supersedes[1].index");
  EXPECT_EQ(VerdictWith(Kind::kTally, "tally { session { position: 256 } }"),
            "number_out_of_range at tally.session.position");
}

TEST(Meaning, OfATally) {
  EXPECT_EQ(VerdictWith(Kind::kTally, "tally { rows { subject { id: 'person-tran-binh' } } }"),
            "votes_not_four at tally.rows[1].votes");
  EXPECT_EQ(VerdictWith(Kind::kTally,
                        "tally { rows { subject { id: 'person-tran-binh' } "
                        "votes: [0, 0, 0, 4294967295] } }"),
            "number_out_of_range at tally.rows[1]");
  EXPECT_EQ(
      VerdictWith(Kind::kTally,
                  "tally { rows { subject { id: 'person-nguyen-an' } votes: [0, 0, 0, 0] } }"),
      "subject_twice at tally.rows");
  // A tally that breaks the arithmetic of the rules is a fact all the same.
  EXPECT_EQ(VerdictWith(Kind::kTally,
                        "tally { rows { subject { id: 'person-tran-binh' } issued: 1 "
                        "returned: 9 valid: 3 votes: [7, 7, 7, 7] } }"),
            "fine");
}

TEST(Meaning, OfTheBaseOfAVote) {
  EXPECT_EQ(VerdictWith(Kind::kVoteSession, "vote_session { base { official: 10000001 } }"),
            "number_out_of_range at vote_session.base");
  EXPECT_EQ(VerdictWith(Kind::kVoteSession, "vote_session { base { official: 1 eligible: 99 } }"),
            "fine");
  EXPECT_EQ(VerdictWith(Kind::kVoteSession, "vote_session { tellers: 'person-tran-binh' }"),
            "person_twice at vote_session.tellers");
  EXPECT_EQ(VerdictWith(Kind::kVoteSession,
                        "vote_session { subjects { kind: ORGANISATION id: 'unit-cell-000003' } }"),
            "subject_twice at vote_session.subjects");
  EXPECT_EQ(VerdictWith(Kind::kVoteSession,
                        "vote_session { subjects { kind: COMMITTEE id: 'unit-cell-000003' } }"),
            "fine")
      << "a body and its committee are two subjects";
}

TEST(Meaning, OfATallyCorrection) {
  EXPECT_EQ(VerdictOf("tally_correction { tally { index: 3 } reason: 'Nhầm' }"),
            "field_required at tally_correction.rows");
  EXPECT_EQ(
      VerdictOf("tally_correction { tally { index: 3 } reason: 'Nhầm' base { official: 9 } }"),
      "fine");
}

TEST(Meaning, OfAMeeting) {
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { end_ms: 1 }"),
            "dates_reversed at meeting.end_ms");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { present: 'person-nguyen-an' }"),
            "person_twice at meeting.present");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { excused { person: 'person-nguyen-an' } }"),
            "person_twice at meeting.excused");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { unexcused { person: 'person-le-cuong.' } }"),
            "person_twice at meeting.unexcused");
  EXPECT_EQ(VerdictWith(Kind::kMeeting, "meeting { period: '2019-Q5' }"),
            "period_unreadable at meeting.period");
}

TEST(Meaning, OfMembershipLeaveAndPosting) {
  EXPECT_EQ(VerdictWith(Kind::kMembership, "membership { to: 20190228 }"),
            "dates_reversed at membership.to");
  EXPECT_EQ(VerdictWith(Kind::kLeave, "leave { to: 20190104 }"), "dates_reversed at leave.to");
  EXPECT_EQ(VerdictWith(Kind::kLeave, "leave { from: 0 }"), "fine");
  EXPECT_EQ(VerdictWith(Kind::kPosting, "posting { to: 20160630 }"),
            "dates_reversed at posting.to");
  EXPECT_EQ(VerdictWith(Kind::kPosting, "posting { outside: 'x' }"),
            "place_unclear at posting.place");
  EXPECT_EQ(VerdictWith(Kind::kPosting, "posting { place: '' }"), "place_unclear at posting.place");
}

TEST(Meaning, OfATransfer) {
  EXPECT_EQ(VerdictWith(Kind::kTransfer, "transfer { to: '' }"), "place_unclear at transfer.to");
  EXPECT_EQ(VerdictWith(Kind::kTransfer, "transfer { outside: 'x' }"),
            "place_unclear at transfer.to");
  EXPECT_EQ(VerdictWith(Kind::kTransfer, "transfer { to: 'unit-cell-000003' }"),
            "place_unclear at transfer.to");
  EXPECT_EQ(VerdictWith(Kind::kTransfer, "transfer { from: '' }"), "fine");
}

TEST(Meaning, OfARootSet) {
  EXPECT_EQ(VerdictWith(Kind::kRootSet, "root_set { body { threshold: 2 } }"),
            "threshold_above_keys at root_set.body.threshold");
  const char* const twice =
      "root_set { body { keys { usage: SIGN algorithm: 1 key: 'root-key-0000000000000000000001.' } "
      "} }";
  EXPECT_EQ(VerdictWith(Kind::kRootSet, twice), "key_twice at root_set.body.keys");
  EXPECT_EQ(VerdictWith(Kind::kRootSet,
                        "root_set { body { keys { usage: NOISE algorithm: 2 key: "
                        "'root-key-0000000000000000000002.' } } }"),
            "key_algorithm_unfit at root_set.body.keys");
}

TEST(Meaning, OfAKey) {
  EXPECT_EQ(VerdictWith(Kind::kPersonKey, "person_key { key { algorithm: 2 } }"),
            "key_algorithm_unfit at person_key.key.algorithm");
  EXPECT_EQ(VerdictWith(Kind::kPersonKey, "person_key { key { key: 'short' } }"),
            "field_wrong_size at person_key.key.key");
  EXPECT_EQ(VerdictWith(Kind::kPersonKey, "person_key { key { usage: NOISE algorithm: 2 } }"),
            "key_algorithm_unfit at person_key.key.usage");
  EXPECT_EQ(VerdictWith(Kind::kPersonKey, "person_key { key { algorithm: 9 key: 'later' } }"),
            "fine")
      << "an algorithm that comes later";
}

TEST(Meaning, OfACertificate) {
  EXPECT_EQ(VerdictWith(Kind::kCertificate, "certificate { body { depth: 13 } }"),
            "number_out_of_range at certificate.body.depth");
  EXPECT_EQ(VerdictWith(Kind::kCertificate, "certificate { body { depth: 1 } }"),
            "issuer_unfit at certificate.body.issuer");
  EXPECT_EQ(VerdictWith(Kind::kCertificate, "certificate { body { issuer: '' } }"),
            "issuer_unfit at certificate.body.issuer");
  EXPECT_EQ(VerdictWith(Kind::kCertificate, "certificate { body { role: PERSON } }"),
            "person_unfit at certificate.body.person");
  EXPECT_EQ(VerdictWith(Kind::kCertificate, "certificate { body { person: 'person-nguyen-an' } }"),
            "person_unfit at certificate.body.person");
  EXPECT_EQ(VerdictWith(Kind::kCertificate,
                        "certificate { body { keys { usage: SIGN algorithm: 1 key: "
                        "'ed25519-key-of-another-device...' } } }"),
            "certificate_sign_keys at certificate.body.keys");
}

TEST(Meaning, OfAuthorityRecords) {
  EXPECT_EQ(
      VerdictWith(Kind::kRevocation,
                  "revocation { body { kept { stream: 'stream-of-cell-3................' } } }"),
      "stream_twice at revocation.body.kept");
  EXPECT_EQ(VerdictWith(Kind::kRevocation,
                        "revocation { body { kept { stream: 'stream-of-cell-4................' "
                        "size: 3 } } }"),
            "field_required at revocation.body.kept[1].root");
  EXPECT_EQ(VerdictWith(Kind::kAdoption, "adoption { body { to: 812 } }"),
            "range_empty at adoption.body.to");
  EXPECT_EQ(VerdictWith(Kind::kForkRuling,
                        "fork_ruling { body { stream: 'stream-of-cell-4................' } }"),
            "stream_differs at fork_ruling.body.chosen.stream");
  EXPECT_EQ(VerdictWith(Kind::kForkRuling, "fork_ruling { body { chosen { size: 0 } } }"),
            "field_required at fork_ruling.body.chosen.size");
  EXPECT_EQ(VerdictOf("register { time_ms: 1 }"), "field_required at register.received");
  EXPECT_EQ(VerdictWith(Kind::kCopy, "copy { size: 12 }"), "number_out_of_range at copy.index");
  EXPECT_EQ(VerdictWith(Kind::kCopy, "copy { position: 2 }"),
            "number_out_of_range at copy.position");
  EXPECT_EQ(VerdictOf("sealed_text { stream: 'stream-of-cell-3................' }"),
            "field_required at sealed_text.secrets");
  EXPECT_EQ(
      VerdictWith(Kind::kSealedText, "sealed_text { secrets { key_id: 'key-id-9' box: 'b' } }"),
      "field_wrong_size at sealed_text.secrets.box");
  EXPECT_EQ(VerdictWith(Kind::kSealedText,
                        "sealed_text { payloads { index: 1 position: 256 box: 'b' "
                        "commitment: 'commitment-of-record-1..........' } }"),
            "number_out_of_range at sealed_text.payloads.position");
  EXPECT_EQ(VerdictWith(Kind::kSealedText,
                        "sealed_text { payloads { index: 1 position: 1 "
                        "box: 'nonce-of-24-bytes.......tag-16-bytes....' "
                        "commitment: 'commitment-of-record-1..........' } }"),
            "field_wrong_size at sealed_text.payloads.box");
}

TEST(Meaning, OfTheOrganisation) {
  EXPECT_EQ(VerdictWith(Kind::kUnit, "unit { body { parent: 'unit-cell-000003' } }"),
            "unit_under_itself at unit.body.parent");
  const auto change = [](const char* text) { return VerdictWith(Kind::kUnitChange, text); };
  EXPECT_EQ(change("unit_change { body { from: 'unit-cell-000003' } }"),
            "unit_twice at unit_change.body.from");
  EXPECT_EQ(change("unit_change { body { from: 'unit-cell-000007' } }"),
            "previous_not_one_a_unit at unit_change.body.previous");
  EXPECT_EQ(change("unit_change { body { into: 'unit-cell-000007' } }"),
            "change_units_unfit at unit_change.body.into");
  EXPECT_EQ(change("unit_change { body { kind: RENAME } }"),
            "change_units_unfit at unit_change.body.from");
  EXPECT_EQ(change("unit_change { body { kind: SPLIT } }"),
            "change_units_unfit at unit_change.body.from");
  EXPECT_EQ(change("unit_change { body { kind: MOVE parent: 'unit-cell-000003' } }"),
            "unit_under_itself at unit_change.body.parent");
  EXPECT_EQ(change("unit_change { body { kind: MOVE parent: '' } }"),
            "field_required at unit_change.body.parent");
  EXPECT_EQ(VerdictOf("unit_change { body { kind: RENAME from: 'unit-cell-000003' } }"),
            "field_required at unit_change.body.name");
  EXPECT_EQ(VerdictOf("unit_change { body { kind: SPLIT from: 'unit-cell-000003' } }"),
            "field_required at unit_change.body.into");
  EXPECT_EQ(change("unit_change { body { kind: DISSOLVE } }"), "fine");
}

TEST(Meaning, OfProposalsAndDecisions) {
  EXPECT_EQ(
      VerdictWith(Kind::kProposal, "proposal { rows { subject { id: 'person-nguyen-an' } } }"),
      "subject_twice at proposal.rows");
  const auto decision = [](const char* text) { return VerdictWith(Kind::kDecision, text); };
  EXPECT_EQ(decision("decision { body { part: 3 } }"), "number_out_of_range at decision.body.part");
  EXPECT_EQ(decision("decision { body { part: 0 } }"), "number_out_of_range at decision.body.part");
  EXPECT_EQ(decision("decision { body { rows { subject { id: 'person-nguyen-an' } } } }"),
            "subject_twice at decision.body.rows");
  EXPECT_EQ(
      decision("decision { body { rows { subject { id: 'person-tran-binh' } weighed { index: 1 "
               "} } } }"),
      "ref_without_stream at decision.body.rows.weighed");
  EXPECT_EQ(VerdictWith(Kind::kConfirmation, "confirmation { body { weighed { index: 1 } } }"),
            "ref_without_stream at confirmation.body.weighed");
  EXPECT_EQ(VerdictWith(Kind::kReturn, "return { body { records { index: 1 } } }"),
            "ref_without_stream at return.body.records");
  for (const auto& [kind, text] :
       {std::pair(Kind::kCancellation,
                  "cancellation { body { subjects { id: 'person-nguyen-an' } } }"),
        std::pair(
            Kind::kRegradeOrder,
            "regrade_order { body { subjects { kind: LEADERSHIP id: 'unit-leaders-001' } } }"),
        std::pair(
            Kind::kPeerGroup,
            "peer_group { body { subjects { kind: ORGANISATION id: 'unit-cell-000003' } } }")}) {
    EXPECT_EQ(Verdict(With(kind, text)).substr(0, 16), "subject_twice at");
  }
}

TEST(Meaning, OfADuplicateChoice) {
  EXPECT_EQ(VerdictOf("duplicate_choice { reason: 'x' }"),
            "field_required at duplicate_choice.canonical");
  EXPECT_EQ(VerdictOf("duplicate_choice { canonical { index: 1 } }"),
            "field_required at duplicate_choice.duplicates");
  EXPECT_EQ(VerdictOf("duplicate_choice { persons: 'person-nguyen-an' }"),
            "field_required at duplicate_choice.persons");
  EXPECT_EQ(
      VerdictOf("duplicate_choice { persons: 'person-nguyen-an' persons: 'person-nguyen-an' }"),
      "person_twice at duplicate_choice.persons");
  EXPECT_EQ(
      VerdictOf("duplicate_choice { persons: 'person-nguyen-an' persons: 'person-nguyen-a2' }"),
      "fine");
}

TEST(Meaning, OfAttestationsAndPacks) {
  EXPECT_EQ(VerdictWith(Kind::kAttestation, "attestation { positions: 2 }"),
            "number_out_of_range at attestation.positions");
  EXPECT_EQ(VerdictWith(Kind::kAttestation, "attestation { positions: 256 }"),
            "number_out_of_range at attestation.positions");
  pb::Record nothing = sample::RecordOf(Kind::kAttestation);
  nothing.mutable_attestation()->clear_positions();
  EXPECT_EQ(Verdict(nothing), "fine");
  nothing.mutable_attestation()->clear_contents();
  EXPECT_EQ(Verdict(nothing), "field_required at attestation.positions");
  EXPECT_EQ(VerdictWith(Kind::kRulePack,
                        "rule_pack { body { parameters { name: 'excellent_cap_percent' } } }"),
            "parameter_twice at rule_pack.body.parameters");
}

// ---- Dates and periods --------------------------------------------------------------------------

TEST(IsDate, KnowsTheCalendar) {
  for (const std::uint32_t date : {19000101U, 20000229U, 20191231U, 20200229U, 21991231U}) {
    EXPECT_TRUE(IsDate(date)) << date;
  }
  for (const std::uint32_t date : {0U, 1U, 18991231U, 22000101U, 19000229U, 20190229U, 20190431U,
                                   20191301U, 20190001U, 20190100U, 20190132U, 4294967295U}) {
    EXPECT_FALSE(IsDate(date)) << date;
  }
}

TEST(IsPeriod, IsAYearAQuarterOrATerm) {
  for (const char* period : {"2019", "2019-Q1", "2019-Q4", "2020-2025", "1900", "2199"}) {
    EXPECT_TRUE(IsPeriod(period)) << period;
  }
  for (const char* period :
       {"",          "201",       "20199",     "1899",     "2200",     "2019-",
        "2019-Q",    "2019-Q0",   "2019-Q5",   "2019-Q11", "2019-q1",  "2019Q1",
        "2019/2020", "2020-2020", "2025-2020", "2019-20",  " 2019",    "2019 ",
        "+201",      "-201",      "2019-2200", "20x9",     "2019-Q1-2"}) {
    EXPECT_FALSE(IsPeriod(period)) << period;
  }
}

}  // namespace
}  // namespace chibo
