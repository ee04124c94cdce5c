#ifndef CHIBO_NODE_CLI_SYNC_WORDS_H_
#define CHIBO_NODE_CLI_SYNC_WORDS_H_

#include <string>

#include "node/cli/command.h"
#include "node/lost_entries.h"
#include "node/net/sync_client.h"
#include "node/status.h"

namespace chibo {

// Runs until the register covers everything or it is given up.
SyncReport RunUpward(const Call& call, Node& node, const SyncPlan& plan);
// What there is to say about a run upward; its failure is the output's.
Result<Output> DescribeSync(const Catalogue& texts, const Replica& replica,
                            const SyncReport& report);
// For progress.
std::string DescribeSilence(const Catalogue& texts, const SyncSilence& silence);
std::string DescribeAttempt(const Catalogue& texts, const SyncReport& report, const Status& status);

// The parent's address: as given, or as the invite said. kBadInput "parent_address_missing",
// "address_unreadable".
Result<NetAddress> ParentAddress(const Settings& settings, const std::string& given);
// This node's own, for an invite: as given with --address, or none. kBadInput "address_unreadable".
Result<std::string> AddressForInvite(const Arguments& given);
// After a run that went well: the address that worked and the superior's name, for later commands.
Status KeepParent(Replica& replica, const std::string& address, Timestamp now);

// {"only_here":…,"received":…,"by":…,"at":…,"streams":[…]}
std::string StatusJson(const NodeStatus& status, const std::string& by);
// A sentence for each own stream that does not simply go on: forked, or longer at the superior.
std::vector<std::string> StreamNotes(const Catalogue& texts, const NodeStatus& status);
// A sentence for each range in quarantine.
std::vector<std::string> LostNotes(const Catalogue& texts, const std::vector<LostEntries>& lost);
// [{"stream":…,"from":…,"to":…,"records":…,"own":…,"state":…},…]
std::string LostJson(const std::vector<LostEntries>& lost);
// The superior's name as kept; its id where it is not known.
Result<std::string> ParentName(const Settings& settings, const LogStore& log);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_SYNC_WORDS_H_
