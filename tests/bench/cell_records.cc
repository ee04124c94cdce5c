#include "tests/bench/cell_records.h"

#include <string>

namespace chibo::bench {
namespace {

constexpr std::string_view kPeriod = "2025";

void SetMember(const PersonId& person, pb::Subject& subject) {
  subject.set_kind(pb::MEMBER);
  subject.set_id(Bytes(person.view()));
}

class Mapper {
 public:
  Mapper(const CellIds& ids, Roles roles, Random& random, Draft& draft)
      : ids_(ids), roles_(roles), random_(random), draft_(draft) {}

  void Add(const WorkRecord& record) {
    switch (record.kind) {
      case WorkKind::kProfile:
        return AddProfile(record);
      case WorkKind::kRoleCert:
        return AddRole(record);
      case WorkKind::kMeeting:
        return AddMeeting(record);
      case WorkKind::kSelfReview:
        return AddReview(record);
      case WorkKind::kOpinion:
        return AddOpinion(record);
      case WorkKind::kVote:
        return AddVote(record);
      case WorkKind::kCellTally:
        return AddProposal(record);
    }
  }

 private:
  Bytes Member(std::size_t number) const { return Bytes(ids_.members.at(number).view()); }

  void AddProfile(const WorkRecord& profile) {
    if (roles_ == Roles::kBodies) {
      pb::Record record;
      pb::UnitBody& body = *record.mutable_unit()->mutable_body();
      body.set_unit(Bytes(ids_.unit.view()));
      body.set_code(profile.parent);
      body.set_name(profile.text);
      body.set_kind(pb::CELL);
      body.set_parent(Bytes(ids_.parent.view()));
      draft_.Add(std::move(record));
    }
    for (std::size_t i = 0; i < profile.names.size(); ++i) {
      pb::Record record;
      record.mutable_member()->set_person(Member(i));
      record.mutable_member()->set_name(profile.names[i]);
      draft_.Add(std::move(record));
    }
  }

  void AddRole(const WorkRecord& role) {
    pb::Record record;
    pb::Key* key = nullptr;
    if (roles_ == Roles::kBodies) {
      pb::CertificateBody& body = *record.mutable_certificate()->mutable_body();
      body.set_unit(Bytes(ids_.unit.view()));
      body.set_role(pb::PERSON);
      body.set_depth(1);
      body.set_person(Member(role.who));
      key = body.add_keys();
    } else {
      record.mutable_person_key()->set_person(Member(role.who));
      record.mutable_person_key()->set_proof(random_.Draw(Signature::kSize));
      key = record.mutable_person_key()->mutable_key();
    }
    key->set_usage(pb::SIGN);
    key->set_algorithm(1);
    key->set_key(role.key);
    draft_.Add(std::move(record));
  }

  void AddMeeting(const WorkRecord& meeting) {
    pb::Record held;
    held.mutable_meeting()->add_kinds(pb::REGULAR);
    held.mutable_meeting()->set_chair(Member(meeting.who));
    held.mutable_meeting()->set_minute_taker(Member(meeting.by));
    for (const std::size_t member : meeting.present) {
      held.mutable_meeting()->add_present(Member(member));
    }
    pb::Record minutes;
    minutes.mutable_minutes()->mutable_meeting()->set_position(
        static_cast<std::uint32_t>(draft_.records.size()));
    minutes.mutable_minutes()->set_text(meeting.text + ids_.mark);
    draft_.Add(std::move(held));
    draft_.Add(std::move(minutes));
  }

  void AddReview(const WorkRecord& review) {
    pb::Record record;
    pb::ReviewReport& report = *record.mutable_review_report();
    SetMember(ids_.members.at(review.who), *report.mutable_subject());
    report.set_period(std::string(kPeriod));
    report.set_text(review.text + ids_.mark);
    report.set_self_grade(static_cast<pb::Grade>(review.level));
    draft_.Add(std::move(record));
  }

  void AddOpinion(const WorkRecord& given) {
    pb::Record record;
    pb::Opinion& opinion = *record.mutable_opinion();
    SetMember(ids_.members.at(given.who), *opinion.mutable_about());
    opinion.set_period(std::string(kPeriod));
    opinion.set_from(pb::COLLEAGUE);
    opinion.set_by(Member(given.by));
    opinion.set_text(given.text + ids_.mark);
    draft_.Add(std::move(record));
  }

  void AddVote(const WorkRecord& vote) {
    pb::Record record;
    record.mutable_tally()->mutable_session();
    pb::TallyRow& row = *record.mutable_tally()->add_rows();
    SetMember(ids_.members.at(vote.who), *row.mutable_subject());
    row.set_issued(vote.issued);
    row.set_returned(vote.returned);
    row.set_valid(vote.returned - vote.invalid);
    row.set_invalid(vote.invalid);
    for (const std::uint32_t count : vote.votes) {
      row.add_votes(count);
    }
    draft_.Add(std::move(record));
  }

  void AddProposal(const WorkRecord& tally) {
    pb::Record record;
    pb::Proposal& proposal = *record.mutable_proposal();
    proposal.mutable_subject()->set_kind(pb::ORGANISATION);
    proposal.mutable_subject()->set_id(Bytes(ids_.unit.view()));
    proposal.set_period(std::string(kPeriod));
    proposal.set_grade(static_cast<pb::Grade>(tally.level));
    draft_.Add(std::move(record));
  }

  const CellIds& ids_;
  Roles roles_;
  Random& random_;
  Draft& draft_;
};

}  // namespace

CellIds CellIds::Draw(const UnitId& unit, const UnitId& parent, std::size_t members,
                      Random& random) {
  CellIds ids{unit, parent, {}, {}};
  for (std::size_t i = 0; i < members; ++i) {
    ids.members.push_back(random.DrawFixed<PersonId>());
  }
  return ids;
}

Draft DraftOf(const Sitting& sitting, const CellIds& ids, Roles roles, Random& random) {
  Draft draft;
  draft.claimed = Timestamp(Duration(sitting.front().time_ms));
  Mapper mapper(ids, roles, random, draft);
  for (const WorkRecord& record : sitting) {
    mapper.Add(record);
  }
  return draft;
}

}  // namespace chibo::bench
