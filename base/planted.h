#ifndef CHIBO_BASE_PLANTED_H_
#define CHIBO_BASE_PLANTED_H_

// Known mistakes, planted where the mechanism lives that keeps them out, to prove that the
// simulator finds them (docs/testing.md). Only a build with CHIBO_PLANTED_BUGS has them, and one of
// them acts only when it is switched on; in every other build nothing is left but what is right.
//
//   if (CHIBO_PLANT(kScopeNotChecked, IsAllowed(writer), true)) …

#ifdef CHIBO_PLANTED_BUGS

#include <string_view>

namespace chibo::planted {

// X(name, word, what it does wrong)
#define CHIBO_PLANTED_LIST(X)                                                                     \
  X(kCommitNotSynced, "commit-not-synced", "a server's commit is not synced to the disk")         \
  X(kJournalNotSynced, "journal-not-synced", "a cell's rollback journal is not synced")           \
  X(kSyncFailureForgotten, "sync-failure-forgotten", "writing goes on after a failed fsync")      \
  X(kUnknownOutcomeShown, "unknown-outcome-shown", "a commit whose end failed to sync is read")   \
  X(kMemoryAheadOfStore, "memory-ahead-of-store", "what a rolled back transaction made is kept")  \
  X(kTicketsLost, "tickets-lost", "a failed store reports chunks without their tickets")          \
  X(kIndexUsedAgain, "index-used-again", "a restored node goes on in its old streams")            \
  X(kSentMark, "sent-mark", "what was once received above is never offered again")                \
  X(kTailNotGivenBack, "tail-not-given-back", "a peer that went back is not given what it lost")  \
  X(kTextNotAskedAgain, "text-not-asked-again", "text lost in a restore is not asked for again")  \
  X(kOtherBranchKept, "other-branch-kept", "only one branch of a fork is passed on")              \
  X(kForkCountsTwice, "fork-counts-twice", "both branches of a fork count")                       \
  X(kFirstBranchCounts, "first-branch-counts", "of a fork the branch seen first counts")          \
  X(kReceiptForMore, "receipt-for-more", "a register entry names more than is held")              \
  X(kTextNotWithheld, "text-not-withheld", "records travel to those who may not read them")       \
  X(kSecretNotWithheld, "secret-not-withheld", "a stream's secret travels with it to everybody")  \
  X(kScopeNotChecked, "scope-not-checked", "a certificate allows every kind of record")           \
  X(kIssuerNotChecked, "issuer-not-checked", "a signature inside a record is not checked")        \
  X(kCheckpointNotChecked, "checkpoint-not-checked", "a chunk's signature is not checked")        \
  X(kRevocationKeepsTail, "revocation-keeps-tail", "of a stream it names a revocation keeps all") \
  X(kRevocationIgnored, "revocation-ignored", "a revoked device's records go on counting")        \
  X(kNotJudgedAgain, "not-judged-again", "standing is judged once, when a record arrives")        \
  X(kClockDecides, "clock-decides", "a record of the future waits")                               \
  X(kSetAsideDropped, "set-aside-dropped", "what does not count is not listed")                   \
  X(kBranchNotRebuilt, "branch-not-rebuilt", "a rebuilt view lacks a fork's other branches")      \
  X(kChainNotCopied, "chain-not-copied", "what a committee's standing rests on is not sent down") \
  X(kLastProposalWins, "last-proposal-wins", "of differing proposals the one read last is taken") \
  X(kStaleProposalCounts, "stale-proposal-counts", "a replaced proposal goes on counting")        \
  X(kNoTimeout, "no-timeout", "a session waits for good for a peer that is gone")                 \
  X(kUnknownKindRefused, "unknown-kind-refused",                                                  \
    "an entry with an unknown record kind is refused")                                            \
  X(kPartialCountKept, "partial-count-kept", "a count of ballots is kept while it grows")         \
  X(kSessionKept, "session-kept", "a session that has ended stays in memory")                     \
  X(kOutboxAgain, "outbox-again", "what is in an outbox is put into it again")                    \
  X(kOldViewKept, "old-view-kept", "a newer program goes on with an older one's view")

enum class Bug {
  kNone,
#define CHIBO_PLANTED_BUG(name, word, what) name,
  CHIBO_PLANTED_LIST(CHIBO_PLANTED_BUG)
#undef CHIBO_PLANTED_BUG
};

inline Bug active = Bug::kNone;

}  // namespace chibo::planted

#define CHIBO_PLANT(name, right, wrong) \
  (::chibo::planted::active == ::chibo::planted::Bug::name ? (wrong) : (right))
#else
#define CHIBO_PLANT(name, right, wrong) (right)
#endif

#endif  // CHIBO_BASE_PLANTED_H_
