// Goal: a link that is cut anywhere loses nothing and costs at most what was in flight, with the
// node as it ships on either side.
// Method: one session between a commune and its superior is played byte by byte. After every byte
// the process forks; in the copy the link is gone, the next session runs, and both nodes are looked
// at. So each cut is a real one, in the very state the nodes were in.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

constexpr Pace kPace{.handshake_news_bytes = 1024, .part_bytes_first = 512};
// What may be lost with the link: the news beside the first message, or one message each way.
constexpr std::size_t kInFlight = kPace.handshake_news_bytes + 2 * kPace.part_bytes_first;
// In the everyday loop one byte in so many; a prime, so that no message is always cut alike.
constexpr std::uint64_t kStride = 41;

std::uint64_t Stride() { return std::getenv("CHIBO_EVERY_BYTE") != nullptr ? 1 : kStride; }

// One session, a step at a time.
class Line {
 public:
  Line(SimNode& child, SimNode& parent, const Pace& pace) : child_(child), parent_(parent) {
    auto up = child.engine().Dial(pace, kTick);
    CHECK(up.has_value());
    up_ = *std::move(up);
    down_ = parent.engine().Accept(0, kTick);
  }

  // Moves at most so many bytes in one direction. False when nobody has anything to say any more.
  bool Step(std::size_t bytes_max) {
    return Carry(*up_, *down_, parent_, bytes_max, bytes_up_) ||
           Carry(*down_, *up_, child_, bytes_max, bytes_down_);
  }
  void Run() {
    while (Step(1400)) {
    }
  }
  // The link is gone; both are told.
  Status Close() {
    static_cast<void>(down_->session().HandleClosed());
    return up_->session().HandleClosed();
  }

  bool opened() const { return up_->session().opened(); }
  std::uint64_t bytes() const { return bytes_up_ + bytes_down_; }
  std::uint64_t bytes_up() const { return bytes_up_; }
  std::uint64_t bytes_down() const { return bytes_down_; }

 private:
  static inline const Tick kTick{kNow.time_since_epoch()};

  static bool Carry(SyncLink& from, SyncLink& to, SimNode& hears, std::size_t bytes_max,
                    std::uint64_t& carried) {
    Bytes bytes;
    from.session().PollTransmit(bytes_max, bytes);
    if (bytes.empty()) {
      return false;
    }
    carried += bytes.size();
    static_cast<void>(to.session().HandleBytes(bytes, kTick));
    while (hears.engine().pending()) {
      hears.engine().Commit(kNow, kTick);
    }
    return true;
  }

  SimNode& child_;
  SimNode& parent_;
  std::unique_ptr<SyncLink> up_;
  std::unique_ptr<SyncLink> down_;
  std::uint64_t bytes_up_ = 0;
  std::uint64_t bytes_down_ = 0;
};

// Streams that both hold, by id: size and root. What only one may hold is not asked for.
std::map<StreamId, Hash> Shared(SimNode& node, SimNode& other) {
  std::map<StreamId, Hash> roots;
  for (const Stream* stream : node.replica().streams().All()) {
    if (node.replica().visibility().MayHold(*stream, other.unit()) &&
        node.replica().visibility().MayHold(*stream, node.unit())) {
      roots[stream->id] = stream->branches.front().peaks.Root();
    }
  }
  return roots;
}

std::string SetAsideAt(SimNode& node) {
  std::string list;
  CHECK(node.replica().view().VisitSetAside([&](const Fact& fact) {
    list += " " + ToString(fact.name) + " " + std::string(Name(fact.standing));
    return true;
  }));
  return list;
}

class EveryByte : public ::testing::Test {
 protected:
  EveryByte() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
    for (const std::string code : {"xa01-cb01", "xa01-cb02"}) {
      const UnitId unit = commune_->AddUnit(code, pb::CELL, kNow);
      cells_.push_back(SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow));
    }
    // What everybody has before the session that is recorded.
    CHECK(SyncOnce(*commune_, *province_, kNow).child.has_value());
    for (const auto& cell : cells_) {
      cell->Record({Member("An"), Member("Bình")}, kNow);
      // Notes that do not pack: their length is what the line carries.
      cell->Record({Review("An", "Chỉ xã được đọc."), Proposal("An", ToHex(random_.Draw(240))),
                    Proposal("Bình", ToHex(random_.Draw(160)))},
                   kNow);
      CHECK(SyncOnce(*cell, *commune_, kNow).child.has_value());
    }
    Signers signers;
    signers.officer = province_->officer();
    province_->Record({Posting("An", "xa01"), Posting("Bình", "xa01-cb01")}, kNow, signers);
  }

  static std::string Member(const std::string& name) {
    return R"({"member":{"person":"@new","name":")" + name +
           R"(","birth":19800201,"admitted":20050301,"official":20060301}})";
  }
  static std::string Review(const std::string& name, const std::string& text) {
    return R"({"review_report":{"subject":{"id":"@person:)" + name +
           R"(|19800201"},"period":"2019","form":"2A","text":")" + text + R"("}})";
  }
  static std::string Proposal(const std::string& name, const std::string& note) {
    return R"({"proposal":{"subject":{"id":"@person:)" + name +
           R"(|19800201"},"period":"2019","grade":"HTTNV","note":")" + note + R"("}})";
  }
  static std::string Posting(const std::string& name, const std::string& place) {
    return R"({"posting":{"person":"@new","name":")" + name +
           R"(","birth":19700201,"place":"@unit:)" + place +
           R"(","title":"Chủ tịch hội đồng","from":20190101}})";
  }

  // In the copy of the process: the link is gone after `line`'s bytes, the next session runs. Why
  // it is not well, or nothing.
  std::string WrongAfterCut(Line& line, std::uint64_t allowed) {
    static_cast<void>(line.Close());
    Line next(*commune_, *province_, AfterCut(kPace, line.opened()));
    next.Run();
    if (const Status ended = next.Close(); !ended) {
      return "the next session ends with " + ToString(ended.error());
    }
    if (!commune_->status().covered()) {
      return "the register does not cover everything";
    }
    if (Shared(*commune_, *province_) != Shared(*province_, *commune_)) {
      return "they do not hold the same";
    }
    if (const std::string list = SetAsideAt(*commune_) + SetAsideAt(*province_); !list.empty()) {
      return "set aside:" + list;
    }
    if (line.bytes() + next.bytes() > allowed) {
      return std::to_string(line.bytes()) + " and " + std::to_string(next.bytes()) +
             " bytes where " + std::to_string(allowed) + " are allowed";
    }
    return "";
  }

  SeededRandom random_{41};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::vector<std::unique_ptr<SimNode>> cells_;
};

// Runs `look` in a copy of this process; what it says.
std::string InACopy(const std::function<std::string()>& look) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    const std::string said = look();
    const bool told = write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char block[1024];
  for (ssize_t size = 0; (size = read(ends[0], block, sizeof block)) > 0;) {
    said.append(block, static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? said : said + " (it died)";
}

// What a session costs, and what moved in it, told by a copy: here nothing has happened yet.
struct Uncut {
  std::uint64_t bytes = 0;
  std::uint64_t handshake = 0;  // a session of two that have nothing to say
  std::uint64_t streams_up = 0;
  std::uint64_t streams_down = 0;
};

TEST_F(EveryByte, TheNextSessionCompletesAfterACutAnywhere) {
  Uncut uncut;
  const std::string told = InACopy([&] {
    const auto before_up = Shared(*province_, *commune_);
    const auto before_down = Shared(*commune_, *province_);
    Line line(*commune_, *province_, kPace);
    while (line.Step(1)) {
    }
    CHECK(line.Close().has_value());
    const auto grown = [](const std::map<StreamId, Hash>& before,
                          const std::map<StreamId, Hash>& after) {
      return std::count_if(after.begin(), after.end(), [&](const auto& stream) {
        const auto was = before.find(stream.first);
        return was == before.end() || was->second != stream.second;
      });
    };
    Line idle(*commune_, *province_, kPace);
    idle.Run();
    CHECK(idle.Close().has_value());
    return std::to_string(line.bytes()) + " " + std::to_string(idle.bytes()) + " " +
           std::to_string(grown(before_up, Shared(*province_, *commune_))) + " " +
           std::to_string(grown(before_down, Shared(*commune_, *province_)));
  });
  ASSERT_EQ(std::sscanf(told.c_str(), "%lu %lu %lu %lu", &uncut.bytes, &uncut.handshake,
                        &uncut.streams_up, &uncut.streams_down),
            4)
      << told;
  // The session worth cutting: a chunk for each stream, in both directions.
  EXPECT_GE(uncut.bytes, 4000U);
  EXPECT_LE(uncut.bytes, 8000U);
  EXPECT_GE(uncut.streams_up, 3U);
  EXPECT_GE(uncut.streams_down, 1U);

  Line line(*commune_, *province_, kPace);
  const std::uint64_t allowed = uncut.bytes + uncut.handshake + kInFlight;
  std::uint64_t tried = 0;
  std::uint64_t failed = 0;
  while (line.Step(1)) {
    if (line.bytes() % Stride() != 0 && line.bytes() < uncut.bytes) {
      continue;
    }
    ++tried;
    const std::string wrong = InACopy([&] { return WrongAfterCut(line, allowed); });
    if (!wrong.empty() && ++failed <= 5) {
      ADD_FAILURE() << "cut after " << line.bytes_up() << " bytes up and " << line.bytes_down()
                    << " down: " << wrong;
    }
  }
  EXPECT_TRUE(line.Close().has_value());
  EXPECT_EQ(line.bytes(), uncut.bytes);
  EXPECT_EQ(failed, 0U);
  EXPECT_GE(tried, uncut.bytes / Stride());
}

}  // namespace
}  // namespace chibo
