#ifndef CHIBO_NODE_TALLY_CHECK_H_
#define CHIBO_NODE_TALLY_CHECK_H_

#include <map>
#include <vector>

#include "base/result.h"
#include "chibo/record.pb.h"
#include "domain/fact.h"

namespace chibo {

// Vote sessions, tallies and corrections written in a transaction that is not committed: the view
// does not show them yet.
using VotePapers = std::map<RecordName, pb::Record>;

// R68: whether the numbers of what the attestation names could be those of a count, so that
// somebody can be asked to sign it; `entry` holds the records beside it. kBadInput with the
// sentence that does not hold, the row and its numbers: "records[1].tally.rows[0]: 23 ≠ 20 + 2".
// What is not here to compare with is not asked for.
Status CheckNumbersToSign(const FactSource& facts, const VotePapers& written,
                          const std::vector<pb::Record>& entry, const pb::Attestation& attestation);

}  // namespace chibo

#endif  // CHIBO_NODE_TALLY_CHECK_H_
