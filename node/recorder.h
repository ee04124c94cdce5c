#ifndef CHIBO_NODE_RECORDER_H_
#define CHIBO_NODE_RECORDER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/decision.h"
#include "node/action_reader.h"
#include "node/enrolment.h"
#include "node/recorded_files.h"
#include "node/replica.h"
#include "node/tally_check.h"

namespace chibo {

// A person whose key is unlocked and who signs what this call records.
struct PersonSigner {
  PersonId person;
  const SigningKey* key = nullptr;
};

// Who signs what is recorded: persons for attestations, the officer for kinds that carry
// signatures.
struct Signers {
  std::vector<PersonSigner> persons;
  std::optional<Issuer> officer;
};

struct Recorded {
  std::size_t entries = 0;
  std::size_t records = 0;
  std::vector<RecordName> names;          // of the first record of each entry
  VotePapers vote_papers;                 // what a later action of the same call may refer to
  std::vector<DecisionFinding> findings;  // what the rules say of decisions signed here
  // RecordFiles: by the number of the file, what of its beginning was recorded in an earlier call
  // or as an earlier file of this one, and is not recorded again.
  std::map<std::size_t, RecordedFile> already;
};

// Signs and appends one action, in the caller's transaction. Each record goes to the streams its
// kind belongs to: the unit's own line; the down stream for what everyone below must know; to(V)
// for what is meant for one unit (a decision goes to every unit it concerns). Fills signatures and
// the issuer where an AUTHORITY has to sign, and attestors' signatures where their keys are among
// the signers.
//
// Any numbers may be recorded, but nobody's key signs a tally whose numbers cannot be (R68): see
// CheckNumbersToSign. kNotAllowed "officer_needed", "attestor_key_missing"; kBadInput from
// CheckMeaning; kTooLarge.
Result<RecordName> RecordAction(Replica& replica, StreamWriter& writer, const pb::Action& action,
                                const Signers& signers, Timestamp now, Recorded& recorded);

// Records lines (ActionReader) in one transaction: all or none. An error names the line: "line 3:
// …". A decision that is to be signed here is held against the rules as Decide does: kBlocked
// "decision_blocked", and `blocked_by` has the findings.
Result<Recorded> RecordLines(Replica& replica, const std::vector<std::string>& lines,
                             const Signers& signers, Timestamp now,
                             std::vector<DecisionFinding>* blocked_by = nullptr);

// Records files of such lines, all or none, so that it may be called again by who does not know
// whether it went through: a file that was recorded already is left out, of one that has grown
// since what it said before (RecordedFiles), unless they are to be recorded `again`. Lines are
// counted over all files together, with those that are left out.
Result<Recorded> RecordFiles(Replica& replica, const std::vector<std::vector<std::string>>& files,
                             bool again, const Signers& signers, Timestamp now,
                             std::vector<DecisionFinding>* blocked_by = nullptr);

}  // namespace chibo

#endif  // CHIBO_NODE_RECORDER_H_
