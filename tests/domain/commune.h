#ifndef CHIBO_TESTS_DOMAIN_COMMUNE_H_
#define CHIBO_TESTS_DOMAIN_COMMUNE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/decision.h"
#include "domain/organisation.h"
#include "domain/outcome.h"
#include "domain/rule_pack.h"
#include "domain/table.h"
#include "domain/unheeded.h"

// A small district of 2019 whose records a test writes by hand; they all count. Units and persons
// are named by short words, which are their ids.
//
//   province › district › xa (grass-roots body, committee) › xa-1, xa-2 (cells)
//                       › cq (grass-roots body, committee) › cq-1
//                       › dn (grass-roots cell)
//   collectives that keep no streams: xa-ubnd (kept by xa), cq-hoi (kept by cq)
namespace chibo {

class IndexedFacts final : public FactSource {
 public:
  void Add(const Fact& fact);
  Result<std::vector<Fact>> FactsOf(const FactKey& key) const override;

 private:
  std::map<FactKey, std::vector<Fact>> by_key_;
};

class Rows final : public OutcomeSource {
 public:
  void Put(const Outcome& outcome);
  Result<std::optional<pb::OutcomeRow>> Find(const SubjectId& subject,
                                             const std::string& period) const override;
  Status VisitUnit(const UnitId& unit, const std::string& period,
                   const std::function<bool(const pb::OutcomeRow&)>& visit) const override;
  // Everything in it, in order: equal rows, equal text.
  std::string Text() const;

  std::map<Bytes, pb::OutcomeRow> rows;
  std::map<Bytes, pb::CaseRow> cases;
};

class Commune {
 public:
  static constexpr const char* kPeriod = "2019";

  Commune();

  static UnitId Unit(const std::string& code);
  static PersonId Person(const std::string& name);
  static SubjectId Member(const std::string& name) { return SubjectId::Of(Person(name)); }
  static SubjectId Org(const std::string& code) {
    return SubjectId::Of(pb::ORGANISATION, Unit(code));
  }
  static SubjectId Committee(const std::string& code) {
    return SubjectId::Of(pb::COMMITTEE, Unit(code));
  }

  // Appends to the stream of that unit's device ("" and "2" are two laptops), claimed at noon of
  // `day`.
  Fact Write(const std::string& unit, pb::Record record, CivilDate day = 20191201,
             const std::string& device = "");
  // The fact of that name, otherwise than it was written.
  void Replace(const Fact& fact);
  void Establish(const std::string& code, pb::UnitKind kind, const std::string& parent,
                 bool committee = false);
  // A parameter of the pack, which stands in the district's stream and speaks for 2019.
  void Set(std::string_view name, const std::string& value, bool verified = true);

  // On the register of the cell since long ago, with a review report of the period.
  Fact Enter(const std::string& cell, const std::string& person);
  Fact Enter(const std::string& cell, pb::Member member);
  static pb::Member Entry(const std::string& person);
  void Review(const std::string& cell, const SubjectId& subject);
  Fact Propose(const std::string& place, const SubjectId& subject, pb::Grade grade,
               CivilDate day = 20191205, const std::string& writer = "");
  // Of the same writer and place, in place of that one.
  Fact ProposeInstead(const Fact& earlier, pb::Grade grade, CivilDate day);
  Fact Post(const std::string& writer, const std::string& person, const std::string& place,
            const std::string& managed_by, bool head, CivilDate from = 20150101);
  Fact Decide(const std::string& authority, const SubjectId& subject, pb::Grade grade,
              const std::vector<Fact>& weighed = {}, CivilDate date = 20191220);
  Fact Cancel(const std::string& authority, const Fact& decision,
              const std::vector<SubjectId>& subjects = {});
  Fact Confirm(const std::string& authority, const Fact& decision, const SubjectId& subject,
               const std::vector<Fact>& weighed);
  Fact Order(const std::string& authority, const SubjectId& subject, CivilDate date,
             const std::string& group = "");
  Fact Waive(const std::string& authority, const std::string& rule, const SubjectId& subject);

  const std::vector<Fact>& facts() const { return facts_; }
  // Reads what has been written so far; valid until the next Write.
  Context context();
  Outcome Of(const SubjectId& subject);
  Outcome Of(const std::string& person) { return Of(Member(person)); }
  // All subjects there are.
  Rows All();

 private:
  void Rebuild();

  std::vector<Fact> facts_;
  std::map<std::string, std::uint64_t> sizes_;
  std::map<std::string, pb::Parameter> parameters_;
  std::map<UnitId, std::string> codes_;  // of those that have written
  bool stale_ = true;
  std::unique_ptr<IndexedFacts> index_;
  std::unique_ptr<Organisation> organisation_;
  std::unique_ptr<RulePacks> packs_;
  std::unique_ptr<PeerGroups> groups_;
};

// The same world from another order of the same facts: rows of everything.
Rows RowsOf(std::vector<Fact> facts);

// What nothing takes up of them, by record.
using UnheededRecords = std::map<RecordName, std::vector<UnheededPart>>;
UnheededRecords UnheededIn(const std::vector<Fact>& facts);

pb::Ref Refer(const Fact& fact);
// Of that type, or null.
const pb::CaseRow* CaseIn(const Outcome& outcome, pb::CaseType type);
// The finding of that message, or null.
const pb::FindingRow* FindingIn(const Outcome& outcome, const std::string& message);

}  // namespace chibo

#endif  // CHIBO_TESTS_DOMAIN_COMMUNE_H_
