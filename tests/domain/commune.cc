#include "tests/domain/commune.h"

#include <algorithm>
#include <set>

#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/must.h"

namespace chibo {
namespace {

Bytes Padded(const std::string& word, std::size_t size) {
  CHECK(word.size() <= size);
  return word + Bytes(size - word.size(), '.');
}

Timestamp Noon(CivilDate day) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(day / 10000)),
                                         std::chrono::month(day / 100 % 100),
                                         std::chrono::day(day % 100));
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(5);
}

}  // namespace

// ---- Sources

void IndexedFacts::Add(const Fact& fact) {
  for (const FactKey& key : KeysOf(fact)) {
    auto& facts = by_key_[key];
    const auto at = std::lower_bound(facts.begin(), facts.end(), fact,
                                     [](const Fact& a, const Fact& b) { return a.name < b.name; });
    facts.insert(at, fact);
  }
}

Result<std::vector<Fact>> IndexedFacts::FactsOf(const FactKey& key) const {
  const auto at = by_key_.find(key);
  return at == by_key_.end() ? std::vector<Fact>() : at->second;
}

void Rows::Put(const Outcome& outcome) {
  const auto subject = SubjectId::From(outcome.row.subject());
  if (outcome.row.state() != pb::OFF_REGISTER) {
    rows[OutcomeKey(*subject, outcome.row.period())] = outcome.row;
  }
  for (const pb::CaseRow& row : outcome.cases) {
    cases[CaseKey(*subject, row.period(), row.id())] = row;
  }
}

Result<std::optional<pb::OutcomeRow>> Rows::Find(const SubjectId& subject,
                                                 const std::string& period) const {
  const auto at = rows.find(OutcomeKey(subject, period));
  return at == rows.end() ? std::nullopt : std::optional(at->second);
}

Status Rows::VisitUnit(const UnitId& unit, const std::string& period,
                       const std::function<bool(const pb::OutcomeRow&)>& visit) const {
  for (const auto& [key, row] : rows) {
    if (row.unit() == unit.view() && row.period() == period && !visit(row)) {
      break;
    }
  }
  return {};
}

std::string Rows::Text() const {
  std::string text;
  for (const auto& [key, row] : rows) {
    text += row.DebugString();
  }
  for (const auto& [key, row] : cases) {
    text += row.DebugString();
  }
  return text;
}

// ---- Commune

Commune::Commune() {
  Establish("province", pb::PROVINCE, "");
  Establish("district", pb::DISTRICT, "province", true);
  Establish("xa", pb::GRASSROOTS_BODY, "district", true);
  Establish("xa-1", pb::CELL, "xa");
  Establish("xa-2", pb::CELL, "xa");
  Establish("cq", pb::GRASSROOTS_BODY, "district", true);
  Establish("cq-1", pb::CELL, "cq");
  Establish("dn", pb::GRASSROOTS_CELL, "district", true);
  Establish("xa-ubnd", pb::COLLECTIVE, "xa");
  Establish("cq-hoi", pb::COLLECTIVE, "cq");
  Set(parameter::kCapPercent, "20");
}

UnitId Commune::Unit(const std::string& code) { return UnitId::FromChecked(Padded(code, 16)); }

PersonId Commune::Person(const std::string& name) {
  return PersonId::FromChecked(Padded(name, 16));
}

Fact Commune::Write(const std::string& unit, pb::Record record, CivilDate day,
                    const std::string& device) {
  const std::string writer = unit + "/" + device;
  Fact fact;
  fact.name = {StreamId::FromChecked(Padded(writer, 32)), ++sizes_[writer], 0};
  fact.stream_kind = pb::LINE;
  fact.unit = Unit(unit);
  fact.kind = static_cast<std::uint32_t>(record.body_case());
  fact.claimed = Noon(day);
  fact.content = ContentDigest(fact.kind, PayloadOf(record));
  fact.record = std::make_shared<const pb::Record>(std::move(record));
  codes_[fact.unit] = unit;
  facts_.push_back(fact);
  stale_ = true;
  return fact;
}

void Commune::Replace(const Fact& fact) {
  for (Fact& written : facts_) {
    if (written.name == fact.name) {
      written = fact;
    }
  }
  stale_ = true;
}

void Commune::Establish(const std::string& code, pb::UnitKind kind, const std::string& parent,
                        bool committee) {
  pb::Record record;
  pb::UnitBody& body = *record.mutable_unit()->mutable_body();
  body.set_unit(Bytes(Unit(code).view()));
  body.set_code(code);
  body.set_name(code);
  body.set_kind(kind);
  body.set_committee(committee);
  if (!parent.empty()) {
    body.set_parent(Bytes(Unit(parent).view()));
  }
  Write(parent.empty() ? code : parent, std::move(record));
}

void Commune::Set(std::string_view name, const std::string& value, bool verified) {
  pb::Parameter& parameter = parameters_[std::string(name)];
  parameter.set_name(std::string(name));
  parameter.set_value(value);
  parameter.set_verified(verified);
  std::erase_if(facts_, [](const Fact& fact) { return fact.record->has_rule_pack(); });
  pb::Record record;
  pb::RulePackBody& body = *record.mutable_rule_pack()->mutable_body();
  body.set_id("P2019");
  body.add_periods(kPeriod);
  for (const auto& [key, one] : parameters_) {
    *body.add_parameters() = one;
  }
  Write("district", std::move(record), 20191101, "packs");
}

pb::Member Commune::Entry(const std::string& person) {
  pb::Member member;
  member.set_person(Bytes(Person(person).view()));
  member.set_name(person);
  member.set_admitted(20050101);
  member.set_official(20060101);
  return member;
}

Fact Commune::Enter(const std::string& cell, pb::Member member) {
  pb::Record record;
  const auto subject = SubjectId::Of(PersonId::FromChecked(member.person()));
  *record.mutable_member() = std::move(member);
  const Fact fact = Write(cell, std::move(record), 20180101);
  Review(cell, subject);
  return fact;
}

Fact Commune::Enter(const std::string& cell, const std::string& person) {
  return Enter(cell, Entry(person));
}

void Commune::Review(const std::string& cell, const SubjectId& subject) {
  pb::Record record;
  *record.mutable_review_report()->mutable_subject() = subject.ToMessage();
  record.mutable_review_report()->set_period(kPeriod);
  Write(cell, std::move(record), 20191120);
}

Fact Commune::Propose(const std::string& place, const SubjectId& subject, pb::Grade grade,
                      CivilDate day, const std::string& writer) {
  pb::Record record;
  pb::Proposal& proposal = *record.mutable_proposal();
  proposal.set_place(Bytes(Unit(place).view()));
  *proposal.mutable_subject() = subject.ToMessage();
  proposal.set_period(kPeriod);
  proposal.set_grade(grade);
  return Write(writer.empty() ? place : writer, std::move(record), day);
}

Fact Commune::ProposeInstead(const Fact& earlier, pb::Grade grade, CivilDate day) {
  pb::Record record = *earlier.record;
  record.mutable_proposal()->set_grade(grade);
  *record.mutable_proposal()->add_supersedes() = Refer(earlier);
  return Write(codes_.at(earlier.unit), std::move(record), day);
}

Fact Commune::Post(const std::string& writer, const std::string& person, const std::string& place,
                   const std::string& managed_by, bool head, CivilDate from) {
  pb::Record record;
  pb::Posting& posting = *record.mutable_posting();
  posting.set_person(Bytes(Person(person).view()));
  posting.set_place(Bytes(Unit(place).view()));
  posting.set_title(place);
  posting.set_head(head);
  posting.set_leadership(true);
  posting.set_reviewed_there(true);
  posting.set_from(from);
  if (!managed_by.empty()) {
    posting.set_managed_by(Bytes(Unit(managed_by).view()));
  }
  return Write(writer, std::move(record), 20190101);
}

Fact Commune::Decide(const std::string& authority, const SubjectId& subject, pb::Grade grade,
                     const std::vector<Fact>& weighed, CivilDate date) {
  pb::Record record;
  pb::DecisionBody& body = *record.mutable_decision()->mutable_body();
  body.set_authority(Bytes(Unit(authority).view()));
  body.set_number(authority + "/" + std::to_string(sizes_[authority + "/"]));
  body.set_date(date);
  body.set_period(kPeriod);
  body.set_pack(Bytes(context().packs.For(Unit(authority), kPeriod).hash().view()));
  pb::DecisionRow& row = *body.add_rows();
  *row.mutable_subject() = subject.ToMessage();
  row.set_grade(grade);
  row.set_reason("-");
  for (const Fact& fact : weighed) {
    *row.add_weighed() = Refer(fact);
  }
  return Write(authority, std::move(record), date);
}

Fact Commune::Cancel(const std::string& authority, const Fact& decision,
                     const std::vector<SubjectId>& subjects) {
  pb::Record record;
  pb::CancellationBody& body = *record.mutable_cancellation()->mutable_body();
  body.set_decision(Bytes(BodyDigest(*decision.record).view()));
  for (const SubjectId& subject : subjects) {
    *body.add_subjects() = subject.ToMessage();
  }
  return Write(authority, std::move(record), 20200110);
}

Fact Commune::Confirm(const std::string& authority, const Fact& decision, const SubjectId& subject,
                      const std::vector<Fact>& weighed) {
  pb::Record record;
  pb::ConfirmationBody& body = *record.mutable_confirmation()->mutable_body();
  body.set_decision(Bytes(BodyDigest(*decision.record).view()));
  *body.mutable_subject() = subject.ToMessage();
  body.set_period(kPeriod);
  for (const Fact& fact : weighed) {
    *body.add_weighed() = Refer(fact);
  }
  return Write(authority, std::move(record), 20200108);
}

Fact Commune::Order(const std::string& authority, const SubjectId& subject, CivilDate date,
                    const std::string& group) {
  pb::Record record;
  pb::RegradeOrderBody& body = *record.mutable_regrade_order()->mutable_body();
  *body.add_subjects() = subject.ToMessage();
  body.set_period(kPeriod);
  body.set_group(group);
  body.set_date(date);
  Must(CompleteOrder(context(), body));
  return Write(authority, std::move(record), date);
}

Fact Commune::Waive(const std::string& authority, const std::string& rule,
                    const SubjectId& subject) {
  pb::Record record;
  pb::WaiverBody& body = *record.mutable_waiver()->mutable_body();
  body.set_rule(rule);
  *body.mutable_subject() = subject.ToMessage();
  body.set_period(kPeriod);
  body.set_reason("-");
  return Write(authority, std::move(record), 20191227);
}

void Commune::Rebuild() {
  index_ = std::make_unique<IndexedFacts>();
  std::vector<Fact> units;
  std::vector<Fact> packs;
  std::vector<Fact> groups;
  for (const Fact& fact : facts_) {
    index_->Add(fact);
    if (fact.kind == Kind::kUnit || fact.kind == Kind::kUnitChange) {
      units.push_back(fact);
    } else if (fact.kind == Kind::kRulePack) {
      packs.push_back(fact);
    } else if (fact.kind == Kind::kPeerGroup) {
      groups.push_back(fact);
    }
  }
  organisation_ = std::make_unique<Organisation>(units);
  packs_ = std::make_unique<RulePacks>(packs, *organisation_);
  groups_ = std::make_unique<PeerGroups>(groups);
  stale_ = false;
}

Context Commune::context() {
  if (stale_) {
    Rebuild();
  }
  return Context{*index_, *organisation_, *packs_, *groups_, std::nullopt};
}

Outcome Commune::Of(const SubjectId& subject) {
  auto outcome = Evaluate(context(), subject, kPeriod);
  CHECK(outcome.has_value());
  return *std::move(outcome);
}

Rows Commune::All() {
  std::set<SubjectId> subjects;
  for (const Fact& fact : facts_) {
    for (const SubjectId& subject : SubjectsNamedBy(fact)) {
      subjects.insert(subject);
    }
  }
  Rows rows;
  for (const SubjectId& subject : subjects) {
    rows.Put(Of(subject));
  }
  return rows;
}

namespace {

// What an evaluation reads, made of these facts.
struct World {
  explicit World(const std::vector<Fact>& facts)
      : organisation(facts), packs(facts, organisation), groups(facts) {
    for (const Fact& fact : facts) {
      index.Add(fact);
    }
  }

  IndexedFacts index;
  Organisation organisation;
  RulePacks packs;
  PeerGroups groups;
  Context context{index, organisation, packs, groups, std::nullopt};
};

}  // namespace

Rows RowsOf(std::vector<Fact> facts) {
  std::set<SubjectId> subjects;
  for (const Fact& fact : facts) {
    for (const SubjectId& subject : SubjectsNamedBy(fact)) {
      subjects.insert(subject);
    }
  }
  const World world(facts);
  Rows rows;
  for (const SubjectId& subject : subjects) {
    const auto outcome = Evaluate(world.context, subject, Commune::kPeriod);
    CHECK(outcome.has_value());
    rows.Put(*outcome);
  }
  return rows;
}

UnheededRecords UnheededIn(const std::vector<Fact>& facts) {
  const World world(facts);
  UnheededReader reader(world.context);
  UnheededRecords unheeded;
  for (const Fact& fact : facts) {
    auto parts = reader.PartsOf(fact);
    CHECK(parts.has_value());
    if (!parts->empty()) {
      unheeded.emplace(fact.name, *std::move(parts));
    }
  }
  return unheeded;
}

pb::Ref Refer(const Fact& fact) { return RefTo(fact.name); }

const pb::CaseRow* CaseIn(const Outcome& outcome, pb::CaseType type) {
  for (const pb::CaseRow& row : outcome.cases) {
    if (row.type() == type) {
      return &row;
    }
  }
  return nullptr;
}

const pb::FindingRow* FindingIn(const Outcome& outcome, const std::string& message) {
  for (const pb::FindingRow& row : outcome.row.findings()) {
    if (row.message() == message) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace chibo
