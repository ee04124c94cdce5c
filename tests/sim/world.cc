#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

namespace chibo::sim {
namespace {

constexpr std::uint64_t kEventsMax = 5'000'000;
constexpr int kRoundsMax = 10;
constexpr std::size_t kRecordingsMax = 4;

}  // namespace

World::World(const Options& options)
    : options_(options),
      trace_(options.trace),
      ledger_([this](Machine& machine, const SeenEntry& entry) {
        for (const auto& checker : checkers_) {
          checker->SeeEntry(*this, machine, entry);
        }
      }),
      line_dice_(Dice("lines")),
      checkers_(AllCheckers()) {}

World::~World() {
  // Sessions look back at their engines, and what is planned for a line holds it.
  events_.Clear();
  lines_.clear();
}

void World::Violate(std::string_view invariant, const std::string& what) {
  if (!violation_) {
    violation_ = Violation{std::string(invariant), what};
    Note("violated " + std::string(invariant) + ": " + what);
  }
}

std::optional<Violation> World::Run() {
  Build();
  workloads_ = WorkloadsFor(*this);
  for (const auto& workload : workloads_) {
    workload->Setup(*this);
  }
  FirstPhase();
  if (!violated()) {
    CalmDown();
    SecondPhase();
  }
  for (const auto& machine : machines_) {
    if (!violated() && machine->up()) {
      ledger_.LookAnew(*machine);
    }
  }
  for (const auto& checker : checkers_) {
    if (!violated()) {
      checker->AtRest(*this);
    }
  }
  for (const auto& workload : workloads_) {
    if (!violated()) {
      workload->Check(*this);
    }
  }
  return violation_;
}

// ---- Who there is

// A province, communes below it, cells below them; some cells have a second device.
void World::Build() {
  const std::uint32_t communes = std::max(1U, options_.nodes / 8);
  const std::uint32_t deputies = options_.nodes / 12;
  NetworkPlan plan;
  plan.name = "Tỉnh thử";
  plan.unit_code = "top";
  plan.unit_name = plan.name;
  Machine& top = Found("province", plan);
  std::vector<Machine*> servers;
  for (std::uint32_t i = 0; i < communes; ++i) {
    const UnitId unit =
        top.node().AddUnit("xa" + std::to_string(i), pb::GRASSROOTS_BODY, top.Wall());
    servers.push_back(&Enrol(top, unit, pb::SERVER));
  }
  std::vector<Machine*> cells;
  for (std::uint32_t i = 1 + communes + deputies; i < std::max(options_.nodes, 3U); ++i) {
    Machine& server = *servers[i % servers.size()];
    const UnitId unit = server.node().AddUnit("cb" + std::to_string(i), pb::CELL, server.Wall());
    cells.push_back(&Enrol(server, unit, pb::SECRETARY));
  }
  for (std::uint32_t i = 0; i < deputies && i < cells.size(); ++i) {
    Enrol(*parent(*cells[i]), seat(*cells[i]).unit, pb::DEPUTY);
  }
}

Machine& World::Found(const std::string& name, const NetworkPlan& plan) {
  CHECK(machines_.empty());
  auto& machine = *machines_.emplace_back(std::make_unique<Machine>(*this, 0, name));
  seats_.push_back({UnitId(), pb::SERVER, 0, 0});
  machine.Adopt(SimNode::Found(plan, machine.random(), machine.Wall(), machine.place()));
  seats_[0].unit = machine.node().unit();
  return machine;
}

Machine& World::Enrol(Machine& parent, const UnitId& unit, pb::Role role, std::string name) {
  const std::size_t number = machines_.size();
  if (name.empty()) {
    name = role == pb::SERVER ? "commune" : role == pb::DEPUTY ? "deputy" : "cell";
    name += std::to_string(number);
  }
  auto& machine = *machines_.emplace_back(std::make_unique<Machine>(*this, number, name));
  seats_.push_back({unit, role, parent.number(), seats_[parent.number()].depth + 1});
  superior_[unit] = seat(parent).unit;
  auto node =
      SimNode::Join(parent.node(), unit, role, machine.random(), parent.Wall(), machine.place());
  Stepped(parent);
  machine.Adopt(std::move(node));
  return machine;
}

Machine& World::AddCopy(Machine& of, bool with_sidecar, std::string name) {
  const std::size_t number = machines_.size();
  if (name.empty()) {
    name = of.name() + "-copy" + std::to_string(number);
  }
  auto& machine = *machines_.emplace_back(std::make_unique<Machine>(*this, number, name));
  seats_.push_back(seat(of));
  machine.CopyFrom(of, with_sidecar);
  return machine;
}

Machine* World::parent(const Machine& machine) {
  return machine.number() == 0 ? nullptr : machines_[seat(machine).parent].get();
}

std::size_t World::Children(const Machine& machine) const {
  return static_cast<std::size_t>(
      std::count_if(seats_.begin() + 1, seats_.end(),
                    [&](const Seat& seat) { return seat.parent == machine.number(); }));
}

std::size_t World::OpenLines(const Machine& machine) const {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(),
                    [&](const auto& line) { return line->open() && line->Touches(machine); }));
}

std::optional<UnitId> World::Superior(const UnitId& unit) const {
  const auto found = superior_.find(unit);
  return found == superior_.end() ? std::nullopt : std::optional(found->second);
}

void World::Reseat(const Machine& machine, const Machine& parent) {
  Seat& seat = seats_[machine.number()];
  seat.parent = parent.number();
  seat.depth = seats_[parent.number()].depth + 1;
  superior_[seat.unit] = seats_[parent.number()].unit;
}

bool World::Within(const UnitId& unit, const UnitId& above) const {
  for (UnitId at = unit;;) {
    if (at == above) {
      return true;
    }
    const auto next = superior_.find(at);
    if (next == superior_.end()) {
      return false;
    }
    at = next->second;
  }
}

// ---- What happens

bool World::Act(Machine& machine, std::string_view what,
                const std::function<Status(Replica&)>& act) {
  if (!machine.up() || machine.asleep()) {
    return false;
  }
  Status acted;
  if (!machine.Step(what, [&] { acted = act(machine.node().replica()); })) {
    return false;
  }
  Note(machine.name() + " " + std::string(what) +
       (acted ? "" : " not: " + ToString(acted.error())));
  return acted.has_value();
}

LineShape World::DrawShape(const Machine& parent) {
  LineShape shape;
  const auto one_in = [this](std::uint64_t n) { return line_dice_.Below(n) == 0; };
  shape.latency = Duration(1 + line_dice_.Below(1500));
  shape.bytes_per_s = 500 + line_dice_.Below(200'000);
  // Every die is thrown whatever the run's faults are: leaving one out changes no other.
  const std::uint64_t cut = one_in(2) ? line_dice_.Below(1500) : line_dice_.Below(40'000);
  const bool cuts = one_in(3);
  const int deaf = static_cast<int>(line_dice_.Below(4));
  const bool flips = one_in(15);
  const std::uint64_t flip = line_dice_.Below(4000);
  const bool trickles = one_in(12);
  const std::size_t fragment = 1 + line_dice_.Below(40);
  const bool busy = one_in(15);
  if (calm_) {
    return LineShape();
  }
  if (options_.even_lines) {
    shape.bytes_per_s = 1'000'000'000;
  }
  if (cuts && (options_.Has(FaultKind::kCut) || options_.Has(FaultKind::kHalfOpen))) {
    shape.cut_after = cut;
    shape.deaf = options_.Has(FaultKind::kHalfOpen) && deaf < 3 ? deaf : 0;
  }
  if (flips && options_.Has(FaultKind::kFlip)) {
    shape.flip_at = flip;
  }
  if (trickles && options_.Has(FaultKind::kTrickle)) {
    shape.fragment = fragment;
    Reached("trickle");
  }
  if (busy && options_.Has(FaultKind::kBusy) && seat(parent).role == pb::SERVER) {
    shape.retry_after_s = 30;
    Reached("server_busy");
  }
  return shape;
}

bool World::Connect(Machine& child, const Pace& pace, bool beside) {
  Machine* up = parent(child);
  auto shape = shaping_ ? shaping_(child, *up) : std::optional(DrawShape(*up));
  if (!shape || !up->up()) {
    return false;
  }
  std::erase_if(lines_, [this](const std::shared_ptr<Line>& line) {
    if (line->open()) {
      return false;
    }
    auto& kept = recordings_[line->parent().number()];
    if (kept.size() < kRecordingsMax && !line->recording().empty()) {
      kept.push_back(line->recording());
    }
    return true;
  });
  shape->beside = beside;
  auto line = std::make_shared<Line>(*this, &child, *up, *shape);
  if (!line->Dial(pace)) {
    return false;
  }
  lines_.push_back(std::move(line));
  return true;
}

void World::ReplayInto(Machine& parent, const Bytes& bytes) {
  auto line = std::make_shared<Line>(*this, nullptr, parent, LineShape());
  line->Replay(bytes);
  lines_.push_back(std::move(line));
}

void World::LinesLost(const Machine& machine, bool tells) {
  for (const auto& line : lines_) {
    line->Lost(machine, tells);
  }
}

void World::LinesTold(const std::vector<SyncLink*>& links) {
  for (const SyncLink* link : links) {
    for (const auto& line : lines_) {
      line->Told(link);
    }
  }
}

void World::AtTimes(SeededRandom& dice, std::uint64_t count, const std::function<void()>& work) {
  for (std::uint64_t i = 0; i < count; ++i) {
    events_.After(Duration(dice.Below(static_cast<std::uint64_t>(options_.span.count()))), work);
  }
}

void World::Stepped(Machine& machine) {
  ledger_.Look(machine);
  for (const auto& checker : checkers_) {
    checker->AfterStep(*this, machine);
  }
}

void World::Started(Machine& machine) {
  ledger_.LookAnew(machine);
  for (const auto& checker : checkers_) {
    checker->AfterStart(*this, machine);
  }
}

void World::WentBack(Machine& machine) {
  for (const auto& checker : checkers_) {
    checker->AfterPutBack(*this, machine);
  }
}

// ---- Phases

void World::RunUntil(Tick end) {
  std::uint64_t count = 0;
  while (!violated() && events_.Next(end) < end) {
    events_.RunOne();
    if (++count > kEventsMax) {
      Violate("I13", "events without end");
    }
  }
  events_.Skip(end);
}

void World::RunDry() {
  std::uint64_t count = 0;
  while (!violated() && !events_.empty()) {
    events_.RunOne();
    if (++count > kEventsMax) {
      Violate("I13", "events without end");
    }
  }
}

void World::FirstPhase() {
  const Tick end = now() + options_.span;
  for (const auto& workload : workloads_) {
    workload->Start(*this);
  }
  calm_ = false;
  RunUntil(end);
}

void World::CalmDown() {
  Note("calm");
  calm_ = true;
  for (const auto& machine : machines_) {
    machine->FillDisk(false);
    machine->Wake();
    if (machine->older()) {
      machine->RunProgram(false);
    }
  }
  // Who is down starts again within the pause it was given; who cannot write is started anew.
  RunDry();
}

void World::SecondPhase() {
  for (int round = 0; round < kRoundsMax && !violated(); ++round) {
    const bool moved_up = Round(true, round == 0);
    const bool moved_down = Round(false, round == 0);
    if (!moved_up && !moved_down) {
      return;
    }
  }
  Violate("I13", "still moving after " + std::to_string(kRoundsMax) + " rounds");
}

// A server put back to before it knew the device, of which nobody else knows that it talks to. It
// is not to believe the device itself: what it has forgotten may be a revocation as well. So its
// officer, to whom the message sends who has the device, approves it anew.
bool World::ApprovedAnew(Machine& machine) {
  Machine& server = *parent(machine);
  const DhPublicKey key = machine.node().device().noise->public_key();
  const bool known =
      std::any_of(machines_.begin(), machines_.end(), [&](const std::unique_ptr<Machine>& other) {
        const bool beside =
            other.get() == &server || parent(*other) == &server || parent(server) == other.get();
        return beside && other.get() != &machine && other->up() && !other->allowance().revoked &&
               other->node().replica().authority().ByNoiseKey(key);
      });
  if (known || !server.allowance().went_back || machine.allowance().copy) {
    return false;
  }
  const bool approved = Act(server, "approves anew", [&](Replica&) {
    return machine.node().AskIn(server.node(), server.Wall());
  });
  if (approved) {
    machine.allowance().approved_anew = true;
    Stepped(machine);
    Reached("device_approved_anew");
  }
  return approved;
}

bool World::Round(bool upward, bool first) {
  std::vector<Machine*> order;
  for (const auto& machine : machines_) {
    order.push_back(machine.get());
  }
  std::stable_sort(order.begin(), order.end(), [&](const Machine* a, const Machine* b) {
    return upward ? seat(*a).depth > seat(*b).depth : seat(*a).depth < seat(*b).depth;
  });
  bool moved = false;
  for (Machine* machine : order) {
    if (violated() || parent(*machine) == nullptr || machine->allowance().revoked) {
      continue;
    }
    const auto changes = [&] {
      return std::pair{machine->disk_changes(), parent(*machine)->disk_changes()};
    };
    const auto quiet = quiet_.find(machine->number());
    if (quiet != quiet_.end() && quiet->second == changes()) {
      continue;
    }
    machine->SyncNow();
    RunDry();
    const std::optional<Status>& ended = machine->last_sync();
    // The branch of a fork that was not registered waits for a ruling, and what was made up is not
    // taken: who wrote it is told so.
    const Machine::Allowance& allowance = machine->allowance();
    const bool waits = (allowance.copy || allowance.hostile) && ended && !*ended &&
                       (ended->error().code == Code::kNotReceived ||
                        (allowance.hostile && ended->error().code == Code::kBehind));
    // A server put back to before it knew this one may hear of it from its superior first.
    if (first && ended && !*ended && ended->error().code == Code::kNotKnown) {
      moved = true;
      continue;
    }
    if (ended && !*ended && ended->error().code == Code::kNotKnown && ApprovedAnew(*machine)) {
      moved = true;
      continue;
    }
    if ((!ended || !*ended) && !waits) {
      Violate("I13", machine->name() + " cannot sync though nothing is in its way: " +
                         (ended ? ToString(ended->error()) : std::string("no end")));
    }
    if (ended && *ended && machine->entries_moved() == 0) {
      quiet_[machine->number()] = changes();
    }
    moved = moved || (machine->entries_moved() > 0 && !allowance.hostile);
  }
  return moved;
}

}  // namespace chibo::sim
