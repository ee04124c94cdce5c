#ifndef CHIBO_NODE_CLI_DECISION_FILE_H_
#define CHIBO_NODE_CLI_DECISION_FILE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/decide.h"

namespace chibo {

// One line of a file of decisions: JSON with "do" = decide, decide_agreed, waiver, regrade_order,
// confirmation, cancellation or return, persons and units as references, dates yyyymmdd.
struct DecisionLine {
  std::size_t number = 0;  // in the file, from 1
  std::string what;        // "decide"
  std::string phase;
  std::string json;
};

// Why nothing can be signed of a line. The error's place begins with the field, as it is typed,
// where one is to blame.
struct DecisionProblem {
  std::size_t line = 0;
  std::size_t column = 0;  // in characters, from 1; 0: the line as a whole
  Error error;
  std::size_t other_line = 0;             // that says it too; 0: none
  std::vector<DecisionFinding> findings;  // of kBlocked "decision_blocked"
};

struct DecisionFile {
  std::vector<DecisionLine> lines;
  std::vector<DecisionProblem> problems;  // by line
};

// Reads the lines of a file, in order; blank ones are passed over. With a phase, `lines` are those
// of it; what cannot be read is a problem whatever its phase. kBadInput "decision_line_not_json"
// with the column where it stops being JSON, "decision_line_unknown" where "do" is none of these.
DecisionFile ReadDecisionFile(const std::vector<std::string_view>& lines, std::string_view phase);

struct DecisionFileOptions {
  Issuer officer;
  std::string period;  // for lines that name none; empty: that of the subject's open case
  bool dry_run = false;
  Timestamp now;
  std::function<void(std::size_t line)> progress;
};

// What came of one line, or would.
struct DecidedLine {
  std::size_t number = 0;
  std::string what;
  std::optional<Decided> decided;  // decide, decide_agreed
  Recorded recorded;               // everything else
};

struct DecidedFile {
  std::vector<DecidedLine> lines;         // but for those with problems
  std::vector<DecisionProblem> problems;  // of reading too, by line
  bool kept = false;                      // signed and durable
};

// Signs and records all lines in one transaction, or nothing: not where a line has a problem or is
// blocked by a rule, nor in a dry run. Each is held against what the lines before it have made of
// the view; where one of those has a problem, against the rest. No two lines may decide, or
// confirm, the same subject in the same period: kBadInput "decision_twice_in_file". An error is
// none of the file's: the store's, above all.
Result<DecidedFile> DecideLines(Replica& replica, const DecisionFile& file,
                                const DecisionFileOptions& options);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_DECISION_FILE_H_
