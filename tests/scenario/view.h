#ifndef CHIBO_TESTS_SCENARIO_VIEW_H_
#define CHIBO_TESTS_SCENARIO_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "domain/cap.h"
#include "domain/table.h"
#include "tests/scenario/player.h"

// What a device knows, for expectations and for the whole outcome.
namespace chibo::scenario {

std::optional<pb::OutcomeRow> RowOf(const Replica& replica, const SubjectId& subject,
                                    const std::string& period);
std::vector<pb::OutcomeRow> RowsOf(const Replica& replica);
std::vector<pb::CaseRow> CasesOf(const Replica& replica);
// Facts that do not count, by name.
std::vector<Fact> SetAsideOf(const Replica& replica);
LevelTable TableOf(const Replica& replica, pb::SubjectKind kind, const std::string& period,
                   const Cut& cut);

// Figures by the name under which sentences ask for them; a share is "2/3".
using Figures = std::map<std::string, std::string>;
Figures FiguresOf(const LevelTable& table);
Figures FiguresOf(const GroupState& group);
std::string Text(const Figures& figures);

// For people: "pending (open_case), proposals: cb-1 good (live)".
std::string Describe(const Player& player, const std::optional<pb::OutcomeRow>& row);
std::string Describe(const Player& player, const pb::CaseRow& row);
std::string Describe(const pb::FindingRow& finding);

Json RowJson(const Player& player, const pb::OutcomeRow& row);
Json CaseJson(const Player& player, const pb::CaseRow& row);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_VIEW_H_
