// I18: every record of every entry held either counts or stands in the list of what is set aside,
// once, with a reason; and in the end nothing waits that could be judged. What counts is taken up
// or listed, too: at the top, a proposal is a word in somebody's row that is weighed or has been
// replaced, or it is listed with a reason, never both and never neither.
#include "domain/unheeded.h"
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class NoSilentDropChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I18"; }

  void SeeEntry(World&, Machine& machine, const SeenEntry& entry) override {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(entry.header));
    records_[machine.number()][{entry.key, entry.branch}] = header.slots_size();
  }

  void AfterPutBack(World&, Machine& machine) override { records_.erase(machine.number()); }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up() && !machine->allowance().hostile) {
        Check(world, *machine);
      }
    }
    if (world.top().up()) {
      CheckTakenUp(world, world.top());
    }
  }

 private:
  void Check(World& world, Machine& machine) {
    std::int64_t records = 0;
    for (const auto& [entry, count] : records_[machine.number()]) {
      records += count;
    }
    std::int64_t counted = 0;
    std::int64_t listed = 0;
    const ViewStore& view = machine.node().replica().view();
    CHECK(view.VisitFacts([&](const Fact& fact) {
      counted += fact.standing == SetAside::kCounts ? 1 : 0;
      return true;
    }));
    CHECK(view.VisitSetAside([&](const Fact& fact) {
      listed += fact.standing != SetAside::kCounts ? 1 : 0;
      world.Reached("set_aside_" + std::string(Name(fact.standing)));
      return true;
    }));
    if (counted + listed != records) {
      world.Violate(invariant(), machine.name() + " holds " + std::to_string(records) +
                                     " records, counts " + std::to_string(counted) + " and lists " +
                                     std::to_string(listed));
    }
  }

  // Proposals that stand in a row as a word of one of the subject's places.
  static std::set<RecordName> ProposalsInRows(const ViewStore& view) {
    std::set<RecordName> names;
    CHECK(view.VisitDerived(DerivedTable::kOutcome, [&](const DerivedRow& derived) {
      pb::OutcomeRow row;
      CHECK(row.ParseFromString(derived.value));
      for (const pb::ProposalState& proposal : row.proposals()) {
        if (proposal.standing() != pb::PROPOSAL_NOT_COMPETENT &&
            proposal.standing() != pb::PROPOSAL_AUTHOR_ORG_ENDED &&
            proposal.standing() != pb::PROPOSAL_POST_TOO_NEW) {
          names.insert(*NameOf(proposal.record()));
        }
      }
      return true;
    }));
    return names;
  }

  void CheckTakenUp(World& world, Machine& machine) {
    const Replica& replica = machine.node().replica();
    const Context context = replica.projector().context();
    UnheededReader reader(context);
    const std::set<RecordName> in_rows = ProposalsInRows(replica.view());
    CHECK(replica.view().VisitFacts([&](const Fact& fact) {
      const auto parts = reader.PartsOf(fact);
      CHECK(parts.has_value());
      for (const UnheededPart& part : *parts) {
        world.Reached("unheeded_" + std::string(Name(part.why)));
        if (fact.standing != SetAside::kCounts) {
          world.Violate(invariant(), machine.name() + " lists a record twice");
        }
      }
      const bool proposes = fact.counts() && fact.record->has_proposal();
      const bool replaces_nothing =
          parts->size() == 1 && parts->front().why == Unheeded::kSupersedesNothing;
      if (proposes && in_rows.contains(fact.name) != (parts->empty() || replaces_nothing)) {
        world.Violate(invariant(), machine.name() + " has a proposal " + ToString(fact.name) +
                                       (parts->empty() ? " in no row and in no list"
                                                       : " both in a row and in the list"));
      }
      return true;
    }));
  }

  std::map<std::size_t, std::map<std::pair<EntryKey, std::uint32_t>, int>> records_;
};

}  // namespace

std::unique_ptr<Checker> NoSilentDrop() { return std::make_unique<NoSilentDropChecker>(); }

}  // namespace chibo::sim
