#ifndef CHIBO_NODE_CLI_DECISION_FILE_H_
#define CHIBO_NODE_CLI_DECISION_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "node/cli/command.h"
#include "node/cli/keys.h"
#include "node/decide.h"

namespace chibo {

// One line of a file of decisions: JSON with "do" = decide, decide_agreed, waiver, regrade_order,
// confirmation, cancellation or return, persons and units as references, dates yyyymmdd.
struct DecisionLine {
  std::size_t number = 0;
  std::string place;  // "decisions.jsonl, line 3"
  std::string what;   // "decide"
  std::string phase;
  std::string json;
};
// One line as it stands in a file. kBadInput "decision_line_unreadable" with the place.
Result<DecisionLine> ReadDecisionLine(const std::string& text, const std::string& place);

// The lines of the file; with --phase, those of that phase. kBadInput "decision_line_unreadable".
Result<std::vector<DecisionLine>> ReadDecisionLines(const Call& call, const std::string& path);

struct Applied {
  std::optional<Decided> decided;  // decide, decide_agreed
  Recorded recorded;               // everything else
};
// A line without a period takes --period, or that of the subject's open case.
Result<Applied> ApplyDecisionLine(Call& call, const Officer& officer, const DecisionLine& line,
                                  bool dry_run);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_DECISION_FILE_H_
