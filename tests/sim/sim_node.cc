#include "tests/sim/sim_node.h"

#include <utility>

#include "node/move.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"

namespace chibo {
namespace {

UnlockedKey NewSimKey(const std::string& purpose, bool device, Random& random) {
  NewKeyOptions options;
  options.purpose = purpose;
  options.device = device;
  return Must(MakeKey(options, random)).key;
}

}  // namespace

SimNode::SimNode(Keys keys, pb::Role role, Random& random, Place place)
    : keys_(std::move(keys)), role_(role), random_(random), place_(std::move(place)) {}

Status SimNode::OpenStore() {
  SqliteOptions options;
  options.kind = place_.path.empty()   ? SqliteKind::kMemory
                 : role_ == pb::SERVER ? SqliteKind::kServer
                                       : SqliteKind::kCell;
  options.vfs = place_.vfs;
  CHIBO_TRY_VALUE(sql_, OpenSqlite(place_.path, options));
  return {};
}

Status SimNode::TryStart(bool continuity_proven) {
  CHECK(sql_ != nullptr);
  Replica::Parts parts;
  parts.sql = sql_.get();
  parts.at_rest = &at_rest_;
  parts.random = &random_;
  parts.device = &keys_.device.sign;
  parts.noise = keys_.device.noise->public_key();
  parts.seal = &*keys_.device.seal;
  parts.view_place = role_ == pb::SERVER ? ViewStore::Place::kFile : ViewStore::Place::kMemory;
  parts.continuity_proven = continuity_proven;
  CHIBO_TRY_VALUE(replica_, Replica::Open(parts));
  engine_ = std::make_unique<SyncEngine>(*replica_, *keys_.device.noise);
  return {};
}

void SimNode::Start(bool continuity_proven) {
  if (sql_ == nullptr) {
    Must(OpenStore());
  }
  Must(TryStart(continuity_proven));
}

std::unique_ptr<SimNode> SimNode::CopyAt(const Place& place, Random& random) const {
  return std::unique_ptr<SimNode>(new SimNode(keys_, role_, random, place));
}

void SimNode::Stop() {
  engine_.reset();
  replica_.reset();
  sql_.reset();
}

void SimNode::Restart(bool continuity_proven) {
  CHECK(!place_.path.empty());
  Stop();
  Start(continuity_proven);
}

std::unique_ptr<SimNode> SimNode::Found(const std::string& name, Random& random, Timestamp now,
                                        const Place& place) {
  NetworkPlan plan;
  plan.name = name;
  plan.unit_code = "top";
  plan.unit_name = name;
  return Found(plan, random, now, place);
}

std::unique_ptr<SimNode> SimNode::Found(const NetworkPlan& plan, Random& random, Timestamp now,
                                        const Place& place) {
  Keys keys{NewSimKey("root", false, random), NewSimKey("root", false, random),
            NewSimKey("authority", false, random), NewSimKey("device", true, random)};
  std::unique_ptr<SimNode> node(new SimNode(std::move(keys), pb::SERVER, random, place));
  const NetworkKeys signers{{&node->keys_.root->sign},
                            1,
                            {1, {node->keys_.next_root->sign.public_key()}},
                            &*node->keys_.authority,
                            &node->keys_.device};
  const NetworkStart start = PlanNetwork(plan, signers, random);
  Must(node->OpenStore());
  LogStore log(*node->sql_, node->at_rest_);
  Must(log.OpenSchema());
  Must(PutSettings(start.settings, log));
  node->Start(true);
  Must(FoundNetwork(*node->replica_, start, plan, signers, now));
  return node;
}

std::unique_ptr<SimNode> SimNode::Join(SimNode& parent, const UnitId& unit, pb::Role role,
                                       Random& random, Timestamp now, const Place& place) {
  const bool committee = role == pb::SERVER;
  Keys keys{std::nullopt, std::nullopt, std::nullopt, NewSimKey("device", true, random)};
  if (committee) {
    keys.authority = NewSimKey("authority", false, random);
  }
  const std::string text = Must(MakeInvite(parent.replica(), unit, role, "", now));
  const pb::Invite invite = Must(ReadInvite(text));
  std::unique_ptr<SimNode> node(new SimNode(std::move(keys), role, random, place));
  Must(node->OpenStore());
  LogStore log(*node->sql_, node->at_rest_);
  Must(log.OpenSchema());
  Must(PutSettings(SettingsFrom(invite), log));
  node->Start(true);
  const Bytes request =
      MakeRequest(invite, node->keys_.device, committee ? &*node->keys_.authority : nullptr, "máy");
  const auto grants = Must(Approve(parent.replica(), parent.officer(), {request}, now));
  Must(TakeGrant(node->replica(), grants.front(), now));
  return node;
}

const SigningKey& SimNode::root_key() const { return keys_.root->sign; }
const SigningKey& SimNode::next_root_key() const { return keys_.next_root->sign; }

Result<Issuer> SimNode::FindOfficer() const {
  if (!keys_.authority) {
    return Fail(Code::kNotAllowed, "officer_needed", replica_->settings().unit_code);
  }
  return OfficerOf(*replica_, keys_.authority->sign);
}

UnlockedKey SimNode::MakeOfficerKey(Random& random) {
  return NewSimKey("authority", false, random);
}

Issuer SimNode::officer() const { return Must(FindOfficer()); }

Status SimNode::AskIn(SimNode& parent, Timestamp now) {
  CHIBO_TRY_VALUE(const Issuer officer, parent.FindOfficer());
  CHIBO_TRY_VALUE(const std::string text, MakeInvite(parent.replica(), unit(), role_, "", now));
  CHIBO_TRY_VALUE(const pb::Invite invite, ReadInvite(text));
  if (replica_->settings().parent != parent.unit()) {
    CHIBO_TRY(PrepareMove(*replica_, invite, now));
  }
  const UnlockedKey* authority = keys_.authority ? &*keys_.authority : nullptr;
  const Bytes request = MakeRequest(invite, keys_.device, authority, "máy");
  CHIBO_TRY_VALUE(const auto grants, Approve(parent.replica(), officer, {request}, now));
  return TakeGrant(*replica_, grants.front(), now);
}

UnitId SimNode::AddUnit(const std::string& code, pb::UnitKind kind, Timestamp now) {
  UnitPlan plan;
  plan.code = code;
  plan.name = code;
  plan.kind = kind;
  plan.committee = true;
  Must(AddUnits(*replica_, officer(), {plan}, now));
  const auto unit = replica_->projector().organisation().FindByCode(code);
  CHECK(unit.has_value());
  return *unit;
}

NodeStatus SimNode::status() const {
  return Must(ReadStatus(replica_->settings(), replica_->streams(), replica_->log()));
}

Hash SimNode::digest() const { return Must(replica_->ViewDigest()); }

Recorded SimNode::Record(const std::vector<std::string>& lines, Timestamp now,
                         const Signers& signers) {
  return Must(RecordLines(*replica_, lines, signers, now));
}

namespace {

// Moves what one side has to say to the other, up to the cut. False when the line is cut or nothing
// moved.
bool Carry(SyncLink& from, SyncLink& to, std::uint64_t& carried,
           const std::optional<std::uint64_t>& cut, std::size_t fragment, Tick tick, bool& is_cut,
           Status& heard) {
  Bytes bytes;
  from.session().PollTransmit(fragment, bytes);
  if (bytes.empty()) {
    return false;
  }
  if (cut && carried + bytes.size() >= *cut) {
    bytes.resize(*cut - carried);
    is_cut = true;
  }
  carried += bytes.size();
  if (!bytes.empty()) {
    heard = to.session().HandleBytes(bytes, tick);
  }
  return true;
}

}  // namespace

LinkResult SyncOnce(SimNode& child, SimNode& parent, Timestamp now, const LinkOptions& options) {
  LinkResult result;
  const Tick tick{now.time_since_epoch()};
  auto up = Must(child.engine().Dial({options.news_bytes, options.part_bytes}, tick));
  auto down = parent.engine().Accept(0, tick);
  bool cut = false;
  Status child_heard;
  Status parent_heard;
  bool child_spoke = false;
  for (bool moved = true; moved && !cut;) {
    moved = false;
    while (!cut && Carry(*up, *down, result.bytes_up, options.cut_up, options.fragment, tick, cut,
                         parent_heard)) {
      moved = true;
      child_spoke = true;
    }
    if (parent.engine().pending()) {
      parent.engine().Commit(now, tick);
      moved = true;
    }
    while (!cut && Carry(*down, *up, result.bytes_down, options.cut_down, options.fragment, tick,
                         cut, child_heard)) {
      moved = true;
      result.round_trips += child_spoke ? 1 : 0;
      child_spoke = false;
    }
    if (child.engine().pending()) {
      child.engine().Commit(now, tick);
      moved = true;
    }
  }
  result.child = child_heard ? up->session().HandleClosed() : child_heard;
  static_cast<void>(down->session().HandleClosed());
  result.counts = up->session().counts();
  return result;
}

}  // namespace chibo
