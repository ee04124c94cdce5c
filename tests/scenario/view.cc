#include "tests/scenario/view.h"

#include "domain/case.h"
#include "domain/outcome.h"
#include "tests/must.h"

namespace chibo::scenario {
namespace {

std::string ReasonText(pb::Reason reason) {
  return reason == pb::REASON_NONE ? "" : " (" + std::string(Name(reason)) + ")";
}

std::string StateText(pb::GradingState state) {
  constexpr const char* kNames[] = {"off-register", "graded", "not-graded", "pending"};
  return kNames[state];
}

UnitId UnitIn(const std::string& id) { return UnitId::From(id).value_or(UnitId()); }

SubjectId SubjectIn(const pb::Subject& subject) {
  return SubjectId::From(subject).value_or(SubjectId());
}

std::string ProposalText(const Player& player, const pb::ProposalState& proposal) {
  return player.NameOf(UnitIn(proposal.place())) + " " + WordFor("grade", proposal.grade()) + " (" +
         WordFor("standing", proposal.standing()) +
         (proposal.provisional() ? ", provisional" : "") + ")";
}

Json ProposalJson(const Player& player, const pb::ProposalState& proposal) {
  return Json{{"place", player.NameOf(UnitIn(proposal.place()))},
              {"grade", WordFor("grade", proposal.grade())},
              {"standing", WordFor("standing", proposal.standing())},
              {"provisional", proposal.provisional()},
              {"weighed", proposal.weighed()}};
}

std::string ShareText(std::uint64_t numerator, std::uint64_t denominator) {
  return std::to_string(numerator) + "/" + std::to_string(denominator);
}

}  // namespace

std::optional<pb::OutcomeRow> RowOf(const Replica& replica, const SubjectId& subject,
                                    const std::string& period) {
  return Must(OutcomeRows(replica.view()).Find(subject, period));
}

std::vector<pb::OutcomeRow> RowsOf(const Replica& replica) {
  std::vector<pb::OutcomeRow> rows;
  Must(replica.view().VisitDerived(DerivedTable::kOutcome, [&](const DerivedRow& derived) {
    CHECK(rows.emplace_back().ParseFromString(derived.value));
    return true;
  }));
  return rows;
}

std::vector<pb::CaseRow> CasesOf(const Replica& replica) {
  std::vector<pb::CaseRow> rows;
  Must(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    CHECK(rows.emplace_back().ParseFromString(derived.value));
    return true;
  }));
  return rows;
}

std::vector<Fact> SetAsideOf(const Replica& replica) {
  std::vector<Fact> facts;
  Must(replica.view().VisitSetAside([&](const Fact& fact) {
    facts.push_back(fact);
    return true;
  }));
  return facts;
}

LevelTable TableOf(const Replica& replica, pb::SubjectKind kind, const std::string& period,
                   const Cut& cut) {
  const Context context = replica.projector().context();
  const OutcomeRows rows(replica.view());
  return Must(kind == pb::MEMBER ? MembersByLevel(context, rows, period, cut)
                                 : OrganisationsByLevel(context, rows, period, cut));
}

Figures FiguresOf(const LevelTable& table) {
  Figures figures;
  const auto put = [&](const std::string& name, std::uint64_t value) {
    figures[name] = std::to_string(value);
  };
  put("register", table.register_total);
  put("graded", table.graded);
  for (const pb::Grade grade : {pb::HTXSNV, pb::HTTNV, pb::HTNV, pb::KHTNV}) {
    put(WordFor("grade", grade), table.levels.at(grade));
  }
  put("not_graded", table.not_graded);
  put("pending", table.pending);
  put("hidden_reasons", table.hidden_reasons);
  for (const auto& reasons : {table.not_graded_by, table.pending_by}) {
    for (const auto& [reason, count] : reasons) {
      put(std::string(Name(reason)), count);
    }
  }
  figures["coverage"] = ShareText(table.coverage.cells_with_data, table.coverage.cells);
  return figures;
}

Figures FiguresOf(const GroupState& group) {
  return {{"members", std::to_string(group.members)},
          {"graded", std::to_string(group.known.graded)},
          {"good", std::to_string(group.known.good)},
          {"excellent", std::to_string(group.known.excellent)},
          {"waiting", std::to_string(group.known.waiting)},
          {"undecided", std::to_string(group.undecided)},
          {"cap", std::to_string(group.cap.cap)},
          {"cap_if_as_proposed", std::to_string(group.cap_if_as_proposed.cap)},
          {"cap_at_most", std::to_string(group.cap_at_most)},
          {"coverage", ShareText(group.cells_with_data, group.cells)}};
}

std::string Text(const Figures& figures) {
  std::string text;
  for (const auto& [name, value] : figures) {
    text += (text.empty() ? "" : ", ") + name + " " + value;
  }
  return text;
}

std::string Describe(const Player& player, const std::optional<pb::OutcomeRow>& row) {
  if (!row) {
    return "off the register, or not known there";
  }
  std::string text = StateText(row->state()) + ReasonText(row->reason());
  if (row->state() == pb::GRADED) {
    text += " " + WordFor("grade", row->grade());
  }
  text += " in " + player.NameOf(UnitIn(row->unit()));
  for (const pb::ProposalState& proposal : row->proposals()) {
    text += "; " + ProposalText(player, proposal);
  }
  for (const pb::FindingRow& finding : row->findings()) {
    text += "; " + Describe(finding);
  }
  return text;
}

std::string Describe(const Player& player, const pb::CaseRow& row) {
  return std::string(Name(row.type())) + " about " + player.NameOf(SubjectIn(row.subject())) + " " +
         row.period() + ", " + std::string(Name(row.state())) + ", owned by " +
         player.NameOf(UnitIn(row.owner()));
}

std::string Describe(const pb::FindingRow& finding) {
  return finding.rule() + " " + finding.message() + " (" +
         WordFor("severity", static_cast<int>(finding.severity())) +
         (finding.verified() ? "" : ", unverified") + ")";
}

Json RowJson(const Player& player, const pb::OutcomeRow& row) {
  Json proposals = Json::array();
  for (const pb::ProposalState& proposal : row.proposals()) {
    proposals.push_back(ProposalJson(player, proposal));
  }
  Json findings = Json::array();
  for (const pb::FindingRow& finding : row.findings()) {
    findings.push_back(Json{{"rule", finding.rule()},
                            {"message", finding.message()},
                            {"severity", WordFor("severity", static_cast<int>(finding.severity()))},
                            {"verified", finding.verified()}});
  }
  return Json{{"subject", player.NameOf(SubjectIn(row.subject()))},
              {"period", row.period()},
              {"unit", player.NameOf(UnitIn(row.unit()))},
              {"state", StateText(row.state())},
              {"reason", std::string(Name(row.reason()))},
              {"grade", WordFor("grade", row.grade())},
              {"authority", player.NameOf(UnitIn(row.authority()))},
              {"proposals", proposals},
              {"findings", findings}};
}

Json CaseJson(const Player& player, const pb::CaseRow& row) {
  Json proposals = Json::array();
  for (const pb::ProposalState& proposal : row.proposals()) {
    proposals.push_back(ProposalJson(player, proposal));
  }
  return Json{{"case", row.id()},
              {"type", std::string(Name(row.type()))},
              {"state", std::string(Name(row.state()))},
              {"subject", player.NameOf(SubjectIn(row.subject()))},
              {"period", row.period()},
              {"owner", player.NameOf(UnitIn(row.owner()))},
              {"proposals", proposals}};
}

}  // namespace chibo::scenario
