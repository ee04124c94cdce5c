// What is expected of levels, cases, findings and tables.
#include <algorithm>

#include "domain/case.h"
#include "domain/outcome.h"
#include "node/decide.h"
#include "node/typed_value.h"
#include "tests/must.h"
#include "tests/scenario/decisions.h"
#include "tests/scenario/view.h"

namespace chibo::scenario {
namespace {

std::optional<pb::OutcomeRow> RowIn(Player& player, const Meaning& meaning,
                                    const Replica& replica) {
  return RowOf(replica, player.subject(meaning.All("subject")), player.period());
}

Played IsInState(Player& player, const Meaning& meaning, pb::GradingState state) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  const bool reason_fits =
      !meaning.Has("reason") ||
      (row && static_cast<int>(row->reason()) == *NumberOf("reason", meaning.One("reason")));
  const bool grade_fits = !meaning.Has("grade") || (row && row->grade() == GradeIn(meaning));
  return row && row->state() == state && reason_fits && grade_fits ? Played()
                                                                   : NotDone(Describe(player, row));
}

Played IsGraded(Player& player, const Meaning& meaning) {
  return IsInState(player, meaning, pb::GRADED);
}
Played IsPending(Player& player, const Meaning& meaning) {
  return IsInState(player, meaning, pb::PENDING);
}
Played IsNotGraded(Player& player, const Meaning& meaning) {
  return IsInState(player, meaning, pb::NOT_GRADED);
}

Played IsOffRegister(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  return row ? NotDone(Describe(player, row)) : Played();
}

Played CountsIn(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  return row && row->unit() == player.unit(meaning.One("unit")).view()
             ? Played()
             : NotDone(Describe(player, row));
}

Played IsDecidedBy(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  if (row && row->authority() == player.unit(meaning.One("unit")).view()) {
    return {};
  }
  const auto authority = row ? UnitId::From(row->authority()) : std::nullopt;
  return NotDone("by " + player.NameOf(authority.value_or(UnitId())));
}

Played ProposalIs(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  const int standing = *NumberOf("standing", meaning.One("standing"));
  const bool found =
      row && std::any_of(row->proposals().begin(), row->proposals().end(),
                         [&](const pb::ProposalState& one) {
                           return one.place() == player.unit(meaning.One("unit")).view() &&
                                  static_cast<int>(one.standing()) == standing &&
                                  (!meaning.Has("grade") || one.grade() == GradeIn(meaning));
                         });
  return found ? Played() : NotDone(Describe(player, row));
}

// ---- Cases

std::vector<pb::CaseRow> CasesAbout(Player& player, const Meaning& meaning,
                                    const Replica& replica) {
  std::vector<pb::CaseRow> about;
  for (pb::CaseRow& row : CasesOf(replica)) {
    const bool type_fits = !meaning.Has("case") ||
                           static_cast<int>(row.type()) == *NumberOf("case", meaning.One("case"));
    const auto subject = SubjectId::From(row.subject());
    const bool subject_fits =
        !meaning.Has("subject") || subject == player.subject(meaning.All("subject"));
    if (row.period() == player.period() && type_fits && subject_fits) {
      about.push_back(std::move(row));
    }
  }
  return about;
}

std::string Describe(const Player& player, const std::vector<pb::CaseRow>& rows) {
  std::string text;
  for (const pb::CaseRow& row : rows) {
    text += (text.empty() ? "" : "; ") + Describe(player, row);
  }
  return text.empty() ? "no such case" : text;
}

Played CaseIs(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto rows = CasesAbout(player, meaning, *replica);
  const int state = *NumberOf("case-state", meaning.One("case-state"));
  const bool found = std::any_of(rows.begin(), rows.end(), [&](const pb::CaseRow& row) {
    const bool owner_fits =
        !meaning.Has("owner") || row.owner() == player.unit(meaning.One("owner")).view();
    const bool count_fits =
        !meaning.Has("number") ||
        static_cast<unsigned long>(row.proposals_size()) == std::stoul(meaning.One("number"));
    return static_cast<int>(row.state()) == state && owner_fits && count_fits;
  });
  return found ? Played() : NotDone(Describe(player, rows));
}

Played NoCase(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto rows = CasesAbout(player, meaning, *replica);
  return rows.empty() ? Played() : NotDone(Describe(player, rows));
}

Played OpenCases(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  std::vector<pb::CaseRow> open;
  for (pb::CaseRow& row : CasesOf(*replica)) {
    if (row.state() == pb::CASE_OPEN) {
      open.push_back(std::move(row));
    }
  }
  return open.size() == std::stoul(meaning.One("number"))
             ? Played()
             : NotDone(std::to_string(open.size()) + ": " + Describe(player, open));
}

// ---- Findings

const pb::FindingRow* FindingIn(const pb::OutcomeRow& row, const Meaning& meaning) {
  const auto found = std::find_if(
      row.findings().begin(), row.findings().end(), [&](const pb::FindingRow& finding) {
        const bool severity_fits =
            !meaning.Has("severity") ||
            static_cast<int>(finding.severity()) == *NumberOf("severity", meaning.One("severity"));
        return finding.rule() == meaning.One("rule") && severity_fits &&
               (!meaning.Says("unverified") || !finding.verified());
      });
  return found == row.findings().end() ? nullptr : &*found;
}

Played HasFinding(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  return row && FindingIn(*row, meaning) != nullptr ? Played() : NotDone(Describe(player, row));
}

Played HasNoFinding(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  return row && FindingIn(*row, meaning) == nullptr ? Played() : NotDone(Describe(player, row));
}

// What the rules would say of a decision, without one being made.
Played DecidingFinds(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  DecisionRequest request;
  request.period = player.period();
  request.number = "thử";
  request.date = player.today();
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    request.choices.push_back({subject, GradeIn(meaning), "thử", {}});
  }
  Decided decided;
  const Played asked =
      player.ActAsOfficer(machine, "asks", [&](Replica& replica, const Issuer& officer) -> Status {
        CHIBO_TRY_VALUE(decided, Decide(replica, officer, request, true, machine.Wall()));
        return {};
      });
  if (!asked.done) {
    return asked;
  }
  const std::vector<std::string> rules = RulesOf(decided.findings, false);
  bool fits = !meaning.Says("nothing") || rules.empty();
  if (meaning.Has("rule")) {
    for (const Token& rule : meaning.All("rule")) {
      fits = fits && std::find(rules.begin(), rules.end(), rule.text) != rules.end();
    }
  }
  return fits ? Played() : NotDone(Describe(player, decided.findings));
}

// ---- Tables

// Figures that are not said are not looked at; one that a table does not have is 0 in it.
Played Compare(const Meaning& meaning, const Figures& figures) {
  const std::vector<Token>& tokens = meaning.All("figures");
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is_sign(",")) {
      continue;
    }
    std::string name = tokens[i].text;
    std::replace(name.begin(), name.end(), '-', '_');
    const auto found = figures.find(name);
    const std::string value = found == figures.end() ? "0" : found->second;
    if (value != tokens[i + 1].text) {
      return NotDone(name + " " + value + " (" + Text(figures) + ")");
    }
    ++i;
  }
  return {};
}

Played TableHas(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  Cut cut;
  cut.unit =
      meaning.Has("unit") ? player.unit(meaning.One("unit")) : player.UnitOf(meaning.One("device"));
  cut.own_table = cut.unit == player.UnitOf(meaning.One("device"));
  if (meaning.Has("date")) {
    cut.tree_date = DateIn(meaning, "date");
  }
  const auto kind = static_cast<pb::SubjectKind>(*NumberOf("table", meaning.One("table")));
  const LevelTable table = TableOf(*replica, kind, player.period(), cut);
  return table.AddsUp() ? Compare(meaning, FiguresOf(table))
                        : NotDone("the table does not add up: " + Text(FiguresOf(table)));
}

Played GroupHas(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto row = RowIn(player, meaning, *replica);
  if (!row || row->cap_group().empty()) {
    return NotDone("no group is known");
  }
  const Context context = replica->projector().context();
  const EffectivePack pack =
      context.packs.For(UnitId::From(row->unit()).value_or(UnitId()), player.period());
  const auto state = StateOfGroup(context, OutcomeRows(replica->view()), row->cap_group(),
                                  row->subject().kind(), player.period(), pack);
  return state ? Compare(meaning, FiguresOf(*state)) : NotDone(ToString(state.error()));
}

}  // namespace

std::vector<Form> OutcomeExpectations() {
  return {
      {"expect <device> : <subject> is graded <grade>", IsGraded},
      {"expect <device> : <subject> is pending [ because <reason> ]", IsPending},
      {"expect <device> : <subject> is not graded [ because <reason> ]", IsNotGraded},
      {"expect <device> : <subject> is off the register", IsOffRegister},
      {"expect <device> : <subject> counts in <unit>", CountsIn},
      {"expect <device> : <subject> is decided by <unit>", IsDecidedBy},
      {"expect <device> : proposal of <unit> for <subject> is <standing> [ with <grade> ]",
       ProposalIs},
      {"expect <device> : case <case> about <subject> is <case-state> { owned by <unit:owner> | "
       "with "
       "<number> proposals }",
       CaseIs},
      {"expect <device> : no case [ <case> ] about <subject>", NoCase},
      {"expect <device> : <number> open cases", OpenCases},
      {"expect <device> : finding <rule> about <subject> { <severity> | unverified }", HasFinding},
      {"expect <device> : no finding <rule> about <subject>", HasNoFinding},
      {"expect <device> : deciding <grade> for <subject+> finds <rule+>", DecidingFinds},
      {"expect <device> : deciding <grade> for <subject+> finds nothing", DecidingFinds},
      {"expect <device> : table <table> [ of <unit> ] [ by the tree of <date> ] has <figures>",
       TableHas},
      {"expect <device> : the cap group of <subject> has <figures>", GroupHas},
  };
}

}  // namespace chibo::scenario
