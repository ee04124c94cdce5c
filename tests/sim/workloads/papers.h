#ifndef CHIBO_TESTS_SIM_WORKLOADS_PAPERS_H_
#define CHIBO_TESTS_SIM_WORKLOADS_PAPERS_H_

#include <string>
#include <vector>

#include "base/random.h"
#include "chibo/record.pb.h"
#include "node/recorder.h"
#include "proto/ids.h"
#include "tests/sim/ballots.h"

namespace chibo::sim {

inline constexpr char kPeriod[] = "2019";

// What a cell writes in a year, as one would type it.
pb::Action RosterOf(const std::vector<PersonId>& persons, const UnitId& cell);
pb::Action MeetingOf(const std::vector<PersonId>& persons, std::uint64_t number);
pb::Action VoteOn(const std::vector<PersonId>& persons, std::uint64_t number, Random& dice,
                  Ballots& ballots);
pb::Action ProposalFor(const PersonId& person, pb::Grade grade);
// In place of whatever the replica's unit has proposed for the person before.
Status TakeBackEarlier(const Replica& replica, pb::Action& proposal);
pb::Action ReviewOf(const PersonId& person, std::uint64_t number);
pb::Action PostingOf(const PersonId& person, const UnitId& place, const UnitId& home,
                     const UnitId& manager);
pb::Action TransferOf(const PersonId& person, const UnitId& from, const UnitId& to);

// Records it in one transaction; `name`: of the first record, when it came off. An older program
// does not know all kinds.
Status Record(Replica& replica, const pb::Action& action, const Signers& signers, Timestamp now,
              std::optional<RecordName>* name = nullptr);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_WORKLOADS_PAPERS_H_
