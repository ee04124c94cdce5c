// What is remembered by child says the same as asking about every stream.
#include "node/streams_by_child.h"

#include <gtest/gtest.h>

#include "node/peer_exchange.h"
#include "node/revoke.h"
#include "proto/signed_object.h"
#include "tests/must.h"
#include "tests/node/pieces.h"
#include "tests/node/sample_lines.h"

namespace chibo {
namespace {

using Ids = std::set<StreamId>;

Ids IdsOf(const std::vector<HeldStream>& streams) {
  Ids ids;
  for (const HeldStream& stream : streams) {
    ids.insert(stream.id);
  }
  return ids;
}

// A session of a device with its parent, asked and reckoned without what is remembered.
class Asked {
 public:
  Asked(Replica& replica, const ValidCertificate& device) : replica_(replica) {
    peer_.unit = device.unit;
    peer_.device = device.key;
    for (const Stream* stream : replica.streams().All()) {
      if (!stream->branches.empty()) {
        Sort(*stream);
      }
    }
  }

  void Expect() {
    PeerExchange exchange(replica_, spool_, peer_, SecretKey(), {});
    EXPECT_EQ(IdsOf(Must(exchange.Upward())), up_);
    EXPECT_EQ(IdsOf(Must(exchange.Downward())), down_);
  }
  std::size_t size() const { return up_.size() + down_.size(); }

 private:
  void Sort(const Stream& stream) {
    const bool up = stream.unit == peer_.unit
                        ? stream.device == peer_.device
                        : replica_.visibility().IsWithin(stream.unit, peer_.unit);
    if (up) {
      up_.insert(stream.id);
    } else if (replica_.IsOfferedTo(peer_.unit, stream)) {
      down_.insert(stream.id);
    }
  }

  Replica& replica_;
  ChunkSpool spool_;
  Peer peer_;
  Ids up_, down_;
};

std::set<UnitId> ChildrenOf(const Replica& replica) {
  const UnitId& here = replica.settings().unit;
  std::set<UnitId> children;
  for (const Stream* stream : replica.streams().All()) {
    if (stream->kind == pb::TO && stream->unit == here &&
        replica.authority().KeeperOf(stream->other) == here) {
      children.insert(stream->other);
    }
  }
  return children;
}

// Everything a child may have is in its outbox, as far as it is signed.
void ExpectOffered(Replica& replica, const UnitId& child, const Stream& stream) {
  EXPECT_TRUE(replica.by_child().MayBeOfferedTo(stream).contains(child));
  std::map<std::uint32_t, std::uint64_t> covered;
  for (const OutboxItem& item : Must(replica.log().ReadOutbox(child, 0, SIZE_MAX))) {
    if (item.stream == stream.no) {
      covered[item.branch] = std::max(covered[item.branch], item.to);
    }
  }
  for (const BranchRow& branch : stream.branches) {
    EXPECT_EQ(covered[branch.branch], branch.signed_size);
  }
}

// How many streams went one way or the other.
std::size_t ExpectSame(Replica& replica, const std::set<UnitId>& units) {
  std::size_t asked = 0;
  const std::set<UnitId> children = ChildrenOf(replica);
  EXPECT_EQ(replica.by_child().Children(), children);
  for (const UnitId& unit : units) {
    for (const pb::Role role : {pb::SECRETARY, pb::DEPUTY, pb::SERVER}) {
      for (const ValidCertificate& device : replica.authority().Current(unit, role)) {
        if (replica.authority().KeeperOf(unit) == replica.settings().unit) {
          Asked session(replica, device);
          session.Expect();
          asked += session.size();
        }
      }
    }
  }
  for (const UnitId& child : children) {
    for (const Stream* stream : replica.streams().All()) {
      if (replica.IsOfferedTo(child, *stream)) {
        ExpectOffered(replica, child, *stream);
      }
    }
  }
  return asked;
}

// A province, two communes and their cells, in which things happen at random.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    servers_.push_back(SimNode::Found("Tỉnh thử", random_, kNow));
    for (const std::string code : {"xa01", "xa02"}) {
      const UnitId commune = province().AddUnit(code, pb::GRASSROOTS_BODY, kNow);
      servers_.push_back(SimNode::Join(province(), commune, pb::SERVER, random_, kNow));
      AddCell(servers_.size() - 1);
    }
  }

  SimNode& province() { return *servers_.front(); }
  const std::vector<std::unique_ptr<SimNode>>& servers() const { return servers_; }
  Random& random() { return random_; }
  std::set<UnitId> units() const {
    std::set<UnitId> units;
    for (const auto* nodes : {&servers_, &cells_}) {
      for (const auto& node : *nodes) {
        units.insert(node->unit());
      }
    }
    return units;
  }
  std::vector<Piece> Pieces() const {
    std::vector<Piece> pieces;
    for (const auto* nodes : {&servers_, &cells_}) {
      for (const auto& node : *nodes) {
        const auto more = PiecesOf(*node);
        pieces.insert(pieces.end(), more.begin(), more.end());
      }
    }
    return pieces;
  }

  void Act() {
    switch (random_.Below(10)) {
      case 0:
        return AddCell(1 + random_.Below(2));
      case 1:
        return AddDeputy();
      case 2:
        return Move(AnyCell().unit(), servers_[random_.Below(3)]->unit());
      case 3:
        return Move(servers_[2]->unit(), servers_[random_.Below(2)]->unit());
      case 4:
        return Revoke();
      case 5:
        EXPECT_TRUE(servers_[random_.Below(3)]->replica().RebuildView());
        return;
      case 6:
        return RollBack();
      default:
        return SyncSome();
    }
  }

 private:
  SimNode& AnyCell() { return *cells_[random_.Below(cells_.size())]; }
  void Record(SimNode& cell) {
    cell.Record({R"({"member":{"person":"@new","name":"An","birth":19800201}})"}, kNow);
  }
  void AddCell(std::size_t server) {
    SimNode& above = *servers_[server];
    if (moves_.contains(above.unit())) {
      return;  // it may not know yet
    }
    const UnitId unit = above.AddUnit("cb" + std::to_string(cells_.size()), pb::CELL, kNow);
    cells_.push_back(SimNode::Join(above, unit, pb::SECRETARY, random_, kNow));
    Record(*cells_.back());
  }
  // A second device, where it is clear who keeps the unit.
  void AddDeputy() {
    const UnitId unit = AnyCell().unit();
    for (const auto& server : servers_) {
      const bool moved = moves_.contains(unit) || moves_.contains(server->unit());
      if (!moved && server->replica().authority().KeeperOf(unit) == server->unit()) {
        cells_.push_back(SimNode::Join(*server, unit, pb::DEPUTY, random_, kNow));
        return Record(*cells_.back());
      }
    }
  }
  void Move(const UnitId& unit, const UnitId& to) {
    pb::Record record;
    pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
    body.set_kind(pb::MOVE);
    body.add_from(Bytes(unit.view()));
    body.set_parent(Bytes(to.view()));
    body.set_effective(20190701);
    body.add_previous(Bytes(moves_[unit].view()));
    const Issuer officer = province().officer();
    body.set_issuer(Bytes(officer.certificate->view()));
    SignAs(officer, province().replica().settings().network, record);
    moves_[unit] = BodyDigest(record);
    Draft draft;
    draft.claimed = kNow;
    draft.Add(std::move(record));
    Must(province().replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(writer.Append(pb::DOWN, UnitId(), std::move(draft)));
      return {};
    }));
  }
  void Revoke() {
    SimNode& by = *servers_[random_.Below(3)];
    const UnitId unit = AnyCell().unit();
    const auto current = by.replica().authority().Current(unit, pb::SECRETARY);
    if (!current.empty()) {
      // Who is not above it is refused.
      static_cast<void>(RevokeDevice(by.replica(), by.officer(), current.front().id,
                                     random_.Below(2) == 0, "Mất máy", kNow));
    }
  }
  // A child that comes in a transaction that does not come to an end.
  void RollBack() {
    SimNode& server = *servers_[random_.Below(3)];
    const UnitId to = AnyCell().unit();
    EXPECT_FALSE(server.replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      pb::Record record;
      record.mutable_register_()->set_time_ms(1);
      Draft draft;
      draft.claimed = kNow;
      draft.Add(std::move(record));
      CHIBO_TRY(writer.Append(pb::TO, to, std::move(draft)));
      server.replica().by_child().Children();
      return Fail(Code::kBehind, "chunk_without_checkpoint");
    }));
  }
  void SyncSome() {
    for (int i = 0; i < 4; ++i) {
      SimNode& child = random_.Below(2) == 0 ? AnyCell() : *servers_[1 + random_.Below(2)];
      for (const auto& server : servers_) {
        if (server->unit() == child.replica().settings().parent) {
          // Who was moved away or revoked is not let in.
          static_cast<void>(SyncOnce(child, *server, kNow).child);
        }
      }
    }
  }

  SeededRandom random_;
  std::vector<std::unique_ptr<SimNode>> servers_;
  std::vector<std::unique_ptr<SimNode>> cells_;
  std::map<UnitId, Hash> moves_;
};

TEST(StreamsByChild, SaysTheSameAsAskingEveryStreamWhateverHappens) {
  InitCrypto();
  std::size_t asked = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (int act = 0; act < 24; ++act) {
      SCOPED_TRACE(act);
      world.Act();
      for (const auto& server : world.servers()) {
        asked += ExpectSame(server->replica(), world.units());
      }
    }
  }
  EXPECT_GT(asked, 12u * 24 * 3);
}

TEST(StreamsByChild, SaysTheSameInWhateverOrderThingsBecomeKnown) {
  InitCrypto();
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (int act = 0; act < 24; ++act) {
      world.Act();
    }
    const std::vector<Piece> pieces = world.Pieces();
    for (int order = 0; order < 3; ++order) {
      std::vector<Piece> waiting = pieces;
      Shuffle(waiting, world.random());
      Observer observer(world.province().replica().settings(), world.random());
      while (!waiting.empty()) {
        TakeSome(observer, waiting, world.random(), kNow);
        ExpectSame(observer.replica(), world.units());
      }
    }
  }
}

}  // namespace
}  // namespace chibo
