// A cell's device with a good key says what it may not: a register entry, a decision it signs
// itself, an end to another's certificate. All of it is stored and listed; none of it counts
// anywhere.
#include <set>

#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class ForgersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "forgers"; }

  void Start(World& world) override {
    dice_ = world.Dice("forgers");
    std::vector<Machine*> cells;
    for (const auto& machine : world.machines()) {
      if (world.seat(*machine).role == pb::SECRETARY) {
        cells.push_back(machine.get());
      }
    }
    Machine* forger = cells[dice_.Below(cells.size())];
    forger->allowance().hostile = true;
    world.AtTimes(dice_, 1 + dice_.Below(3), [this, &world, forger] { Forge(world, *forger); });
  }

  void Check(World& world) override {
    for (const auto& machine : world.machines()) {
      if (!machine->up()) {
        continue;
      }
      const Status read = machine->node().replica().view().VisitFacts([&](const Fact& fact) {
        if (fact.counts() && forged_.contains({fact.name, fact.content})) {
          world.Violate("I3", machine->name() + " counts what was forged: " + ToString(fact.name));
        }
        return true;
      });
      CHECK(read.has_value());
    }
  }

 private:
  pb::Record Draw(World& world, Machine& forger) {
    pb::Record record;
    switch (dice_.Below(3)) {
      case 0: {
        pb::Point& point = *record.mutable_register_()->add_received();
        point.set_stream(dice_.Draw(32));
        point.set_size(1 + dice_.Below(100));
        point.set_root(dice_.Draw(32));
        record.mutable_register_()->set_time_ms(1'575'500'000'000);
        break;
      }
      case 1: {
        pb::DecisionBody& body = *record.mutable_decision()->mutable_body();
        body.set_authority(Bytes(world.seat(*world.parent(forger)).unit.view()));
        body.set_number("1-QĐ/ĐU");
        body.set_date(20191220);
        body.set_period(kPeriod);
        pb::DecisionRow& row = *body.add_rows();
        row.mutable_subject()->set_id(dice_.Draw(16));
        row.set_grade(pb::HTXSNV);
        row.set_reason("Giả mạo");
        body.set_issuer(AnyIssuer(world, forger));
        AddSignature(forger.node().replica().settings().network, forger.node().device().sign,
                     record);
        break;
      }
      default: {
        pb::RevocationBody& body = *record.mutable_revocation()->mutable_body();
        body.set_certificate(AnyCertificate(world));
        body.set_reason("Giả mạo");
        body.set_issuer(AnyIssuer(world, forger));
        AddSignature(forger.node().replica().settings().network, forger.node().device().sign,
                     record);
      }
    }
    return record;
  }

  // That of the committee above, whose key it does not have, or one of nobody.
  Bytes AnyIssuer(World& world, Machine& forger) {
    Machine& server = *world.parent(forger);
    const bool real = dice_.Below(3) != 0;
    const Bytes nobody = dice_.Draw(32);
    const auto officer = server.up() ? server.node().FindOfficer() : Issuer();
    return real && officer && officer->certificate ? Bytes(officer->certificate->view()) : nobody;
  }

  Bytes AnyCertificate(World& world) {
    const auto& streams = world.ledger().streams();
    auto at = streams.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.Below(streams.size())));
    pb::Certificate certificate;
    CHECK(certificate.ParseFromString(at->second.genesis.certificate()));
    return Bytes(Sha256(certificate.body().SerializeAsString()).view());
  }

  void Forge(World& world, Machine& forger) {
    const bool done = world.Act(forger, "forges", [&](Replica& replica) {
      return replica.Transact(forger.Wall(), [&](StreamWriter& writer) -> Status {
        Draft draft;
        draft.claimed = forger.Wall();
        const pb::Record record = Draw(world, forger);
        const Hash content =
            ContentDigest(static_cast<std::uint32_t>(record.body_case()), PayloadOf(record));
        draft.Add(record);
        CHIBO_TRY_VALUE(const RecordName name, writer.Append(pb::LINE, UnitId(), std::move(draft)));
        forged_.insert({name, content});
        return {};
      });
    });
    if (done) {
      world.Reached("forged_record");
    }
  }

  SeededRandom dice_{0};
  std::set<std::pair<RecordName, Hash>> forged_;
};

}  // namespace

std::unique_ptr<Workload> Forgers() { return std::make_unique<ForgersWorkload>(); }

}  // namespace chibo::sim
