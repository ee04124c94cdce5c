#include "tests/sync/session_pair.h"

#include <algorithm>
#include <array>
#include <set>

namespace chibo {

std::string Minutes(Random& random, std::size_t bytes) {
  static constexpr std::array<const char*, 16> kWords = {
      "chi bộ",  "đảng viên", "sinh hoạt", "nghị quyết", "kết luận", "đánh giá",
      "tháng",   "nhiệm vụ",  "kiểm điểm", "biểu quyết", "đồng chí", "thống nhất",
      "báo cáo", "công tác",  "ý kiến",    "xếp loại"};
  std::string text;
  while (text.size() < bytes) {
    text += kWords[random.Below(kWords.size())];
    text += ' ';
  }
  return text;
}

std::string Noise(Random& random, std::size_t bytes) {
  return ToBase64(random.Draw(bytes * 3 / 4));
}

World::World() : child_key(SecretKey()), parent_key(SecretKey()) {
  child_key = DhKey(SecretKey::Draw(random));
  parent_key = DhKey(SecretKey::Draw(random));
  parent.lineage = random.Draw(8);
  line = &AddWriter(true);
  child.Open(*line);
  registers = &AddWriter(false);
  parent.Open(*registers);
  parent.Offer(registers->id, 0, 0, 1);
}

FakeWriter& World::AddWriter(bool up) {
  writers.push_back(std::make_unique<FakeWriter>(100 + writers.size(), up));
  return *writers.back();
}

void World::Record(const FakeWriter& writer, std::size_t entries, std::size_t bytes) {
  for (std::size_t i = 0; i < entries; ++i) {
    child.Write(writer, Noise(random, bytes));
  }
}

void World::Decide(const FakeWriter& writer, std::size_t bytes) {
  std::uint64_t from = 0;
  if (const FakeStream* stream = parent.Find(writer.id.view())) {
    from = stream->branches.front().size();
  } else {
    parent.Open(writer);
  }
  parent.Write(writer, Noise(random, bytes));
  parent.Offer(writer.id, 0, from, parent.Find(writer.id.view())->branches.front().size());
}

SessionPair::SessionPair(World& world, const Options& options)
    : world_(world),
      options_(options),
      random_(options.seed),
      child_exchange_(world.child, false, nullptr),
      parent_exchange_(world.parent, true, world.registers) {
  up_.cut = options.cut_up;
  down_.cut = options.cut_down;
  SessionOptions child = options.child;
  child.channel.initiator = true;
  child.channel.network = FakeNetwork();
  child.channel.static_key = world.child_key;
  child.channel.remote_static = world.parent_key.public_key();
  child_ = std::make_unique<Session>(child, child_exchange_, random_, now);
  SessionOptions parent = options.parent;
  parent.channel.network = FakeNetwork();
  parent.channel.static_key = world.parent_key;
  if (!parent.admit) {
    parent.admit = [this](const DhPublicKey& key) -> Result<Exchange*> {
      if (key != world_.child_key.public_key()) {
        return Fail(Code::kNotKnown, "key_not_known");
      }
      return &parent_exchange_;
    };
  }
  parent_ = std::make_unique<Session>(parent, random_, now);
}

bool SessionPair::Move(Session& from, Session& to, Direction& direction, Status& status) {
  bool moved = false;
  while (!cut_) {
    if (direction.sent.empty() && from.PollTransmit(options_.poll, direction.sent) == 0) {
      break;
    }
    flights_ += moved ? 0 : 1;
    moved = true;
    std::size_t count = std::min(options_.fragment, direction.sent.size());
    if (direction.cut && direction.arrived + count >= *direction.cut) {
      count = *direction.cut - direction.arrived;
      cut_ = true;
    }
    const Status handled = to.HandleBytes(ByteView(direction.sent).substr(0, count), now);
    direction.arrived += count;
    direction.sent.erase(0, count);
    if (!handled && status) {
      status = handled;
    }
    if (options_.after_fragment) {
      options_.after_fragment(*this);
    }
    if (!handled) {
      break;
    }
  }
  return moved;
}

bool SessionPair::Commit(Session& session, FakeExchange& exchange, Status& status) {
  if (exchange.submitted() == 0) {
    return false;
  }
  const std::vector<CommitReport> reports = exchange.Commit();
  const Status handled = session.HandleCommitted(reports, now);
  if (!handled && status) {
    status = handled;
  }
  return true;
}

bool SessionPair::Step() {
  bool moved = Move(*child_, *parent_, up_, parent_status_);
  if (options_.commit_parent) {
    moved = Commit(*parent_, parent_exchange_, parent_status_) || moved;
  }
  moved = Move(*parent_, *child_, down_, child_status_) || moved;
  if (options_.commit_child) {
    moved = Commit(*child_, child_exchange_, child_status_) || moved;
  }
  return moved && !cut_;
}

void SessionPair::Run() {
  while (Step()) {
  }
  if (const Status closed = child_->HandleClosed(); !closed && child_status_) {
    child_status_ = closed;
  }
  if (const Status closed = parent_->HandleClosed(); !closed && parent_status_) {
    parent_status_ = closed;
  }
}

std::string SessionPair::Why() const {
  const auto say = [](const Status& status) {
    return status ? std::string("well") : ToString(status.error());
  };
  return "child: " + say(child_status_) + ", parent: " + say(parent_status_);
}

bool Sync(World& world) {
  SessionPair pair(world);
  pair.Run();
  return pair.ok();
}

bool Agree(const World& world) {
  const auto heads = [](const FakeNode& node) {
    std::set<std::tuple<StreamId, std::uint64_t, Hash>> all;
    for (const FakeStream& stream : node.streams) {
      for (const FakeBranch& branch : stream.branches) {
        all.insert({stream.id, branch.size(), branch.Root()});
      }
    }
    return all;
  };
  return heads(world.child) == heads(world.parent);
}

}  // namespace chibo
