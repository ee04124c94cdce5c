#ifndef CHIBO_NODE_CLI_RECORDING_H_
#define CHIBO_NODE_CLI_RECORDING_H_

#include <string>
#include <string_view>
#include <vector>

#include "node/cli/command.h"
#include "node/cli/keys.h"

namespace chibo {

// One line to be recorded, and where it was read.
struct SourceLine {
  std::string text;
  std::string place;   // "nov.jsonl, line 3"; may be empty
  std::string within;  // how the path of what was typed begins; empty: as the line has it
};

// A place within an action without `within`, which nobody has typed.
std::string AsTyped(std::string_view place, std::string_view within);

// The lines of a file, with their places.
std::vector<SourceLine> LinesOf(const Call& call, const std::string& path);

// Who signs: the persons of --sign-as, and the officer whose key lies here when a line holds a kind
// that takes one.
struct RecordSigners {
  UnlockedPersons persons;
  std::optional<Officer> officer;

  Signers signers() const;
};
Result<RecordSigners> UnlockSigners(Call& call, const std::vector<SourceLine>& lines);

// Records the lines, all or none, and says what was recorded, what of it nothing takes up, and
// which cases it opened: {"entries":…,"records":…,"names":[…],"already":[],"unheeded":[…],
// "findings":[…],"cases":[…]}. The same lines typed twice are recorded twice: see decision 0034.
Result<Output> RecordSources(Call& call, const std::vector<SourceLine>& lines,
                             const RecordSigners& signers);

// How much, and where it is now: at the top of the network it has nowhere to be sent.
std::string SayRecorded(const Call& call, const Recorded& recorded);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_RECORDING_H_
