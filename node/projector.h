#ifndef CHIBO_NODE_PROJECTOR_H_
#define CHIBO_NODE_PROJECTOR_H_

#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domain/authority.h"
#include "domain/organisation.h"
#include "domain/outcome.h"
#include "domain/rule_pack.h"
#include "node/facts_at_hand.h"
#include "node/sealed_text_reader.h"
#include "node/streams.h"
#include "storage/view_store.h"

namespace chibo {

// Raised when a program would derive other rows from the same log: an older view is then rebuilt.
inline constexpr std::uint32_t kProjectionVersion = 7;

// Rows of the view store as the domain asks for them.
class OutcomeRows final : public OutcomeSource {
 public:
  explicit OutcomeRows(const ViewStore& view) : view_(view) {}
  Result<std::optional<pb::OutcomeRow>> Find(const SubjectId& subject,
                                             const std::string& period) const override;
  Status VisitUnit(const UnitId& unit, const std::string& period,
                   const std::function<bool(const pb::OutcomeRow&)>& visit) const override;

 private:
  const ViewStore& view_;
};

// Keeps the view in step with the log: facts, their standing, and what is derived from them. The
// view is a pure function of the set of entries; this class only decides what to compute anew.
// Writes belong to the caller's transaction; after a rollback the caller calls Load. Not
// thread-safe.
class Projector {
 public:
  // `observer`: the unit whose node this is; `seal`: its device's key, to which texts are sealed.
  Projector(const NetworkId& network, const UnitId& observer, const DhKey* seal, Streams& streams,
            LogStore& log, ViewStore& view);

  // Takes up a view that covers the log, or rebuilds one that does not.
  Status Load();
  // Empties the view and projects the whole log again.
  Status Rebuild();

  // Entries [first, …) were appended to a branch.
  Status Project(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                 std::span<const Entry> entries);
  // Before commit: re-judges streams whose standing changed and re-evaluates the subjects touched.
  Status Settle();

  const Authority& authority() const { return *authority_; }
  // Up to date after Settle. References into this object.
  Context context() const;
  const Organisation& organisation() const { return organisation_; }
  const RulePacks& packs() const { return packs_; }
  const PeerGroups& groups() const { return groups_; }

  // What was projected since this was last called, wherever it stands, and asks the node to do
  // something: register entries, also those held before that stand otherwise now; the rest.
  std::vector<Fact> TakeRegisters();
  struct News {
    std::vector<Fact> transfers;
    std::vector<Fact> sealed_texts;
    bool authority = false;    // an authority record that is no register entry
    std::set<StreamId> grown;  // to(V) streams of which more is held
  };
  News TakeNews() { return std::exchange(news_, {}); }
  // More is held of a to(V) stream than before: entries, or what lets them be read.
  void MoreHeld(const StreamId& stream);
  const SealedTextReader& sealed_texts() const { return sealed_texts_; }
  // Forked streams whose entries may stand otherwise than when this was last called.
  std::set<StreamId> TakeRejudgedForks();
  // A higher number whenever keepers or certificates may be others: Authority::version, also over
  // rollbacks and rebuilds.
  std::uint64_t authority_version() const { return versions_before_ + authority_->version(); }

 private:
  void Reset();
  Status LoadAuthority();
  Status LoadContext();
  Status AddCopied(std::vector<Fact>& facts) const;
  Status PutFact(Fact fact);
  Status SettleNew();
  Status JudgeNew();
  Result<std::vector<Fact>> JudgeAgain();
  Status JudgeOne(const Fact& fact, std::vector<Fact>& changed);
  Status JudgeAttested(const Fact& attestation, std::vector<Fact>& changed);
  Result<std::set<SubjectId>> Touched(const std::vector<Fact>& changed);
  Result<std::set<SubjectId>> TouchedByAll();
  Status EvaluateSubject(const SubjectId& subject);
  Result<SetAside> Judge(const Fact& fact) const;
  // What the attestations it may need, or the seal it has, make of a standing by authority.
  Result<SetAside> Attested(const Fact& fact, SetAside standing) const;
  void Note(const Fact& fact);

  NetworkId network_;
  UnitId observer_;
  Streams& streams_;
  LogStore& log_;
  ViewStore& view_;
  SealedTextReader sealed_texts_;
  FactsAtHand facts_;  // of the view
  std::unique_ptr<Authority> authority_;
  Organisation organisation_;
  RulePacks packs_;
  PeerGroups groups_;
  std::vector<Fact> unsettled_;  // projected since the last Settle
  std::set<StreamId> fresh_;     // streams of which all facts are among them
  std::vector<Fact> registers_;
  News news_;
  std::set<StreamId> texts_changed_;  // to(V) streams of which sealed texts are to be judged again
  std::set<StreamId> rejudged_forks_;
  std::uint64_t versions_before_ = 0;  // of those that authority_ took the place of
};

}  // namespace chibo

#endif  // CHIBO_NODE_PROJECTOR_H_
