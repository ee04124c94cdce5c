#include "tests/season/season.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "node/decide.h"
#include "tests/must.h"
#include "tests/season/reckoning.h"
#include "tests/sim/workloads/papers.h"

namespace chibo::sim {
namespace {

// One session in so many is cut, and one member in so many differs: kept rare, as they are.
constexpr std::uint64_t kSessionsPerCut = 8;
constexpr std::uint64_t kCutBytesMax = 6000;
constexpr int kSessionsMax = 6;
constexpr std::size_t kMembersPerUnsettled = 97;
constexpr std::size_t kCommunesPerCaseAbove = 5;

double CpuSeconds() {
  timespec time{};
  CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

pb::Action RulePack() {
  pb::Action action;
  pb::RulePackBody& body = *action.add_records()->mutable_rule_pack()->mutable_body();
  body.set_id("P2019");
  body.set_name("Đánh giá, xếp loại năm 2019");
  body.add_periods(kPeriod);
  for (const auto& [name, value] :
       {std::pair("excellent_cap_percent", "20"), std::pair("cap_base", "good_or_better"),
        std::pair("cap_rounding", "floor"), std::pair("member_cap_scope", "tccsd"),
        std::pair("vote_method", "secret")}) {
    pb::Parameter& parameter = *body.add_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
    parameter.set_verified(true);
    parameter.set_source("Hướng dẫn thử");
  }
  return action;
}

// The meeting that reviews the year: a vote on all of them at once, by which those are proposed
// whose level is drawn.
pb::Action ReviewMeetingOf(const std::vector<Assessed>& members, std::uint64_t number,
                           Random& dice) {
  constexpr int kTally = 3;  // its position
  std::vector<PersonId> persons;
  for (const Assessed& member : members) {
    persons.push_back(member.id);
  }
  Ballots drawn;  // the counts are put in below
  pb::Action action = VoteOn(persons, number, dice, drawn);
  pb::Tally& tally = *action.mutable_records(kTally)->mutable_tally();
  for (int i = 0; i < tally.rows_size(); ++i) {
    const pb::Grade level = members[static_cast<std::size_t>(i)].proposed;
    pb::TallyRow& row = *tally.mutable_rows(i);
    std::fill(row.mutable_votes()->begin(), row.mutable_votes()->end(), 0);
    row.set_votes(level == pb::GRADE_NONE ? pb::HTXSNV - pb::HTNV : pb::HTXSNV - level,
                  row.valid());
    if (level == pb::GRADE_NONE) {
      continue;
    }
    pb::Action proposal = ProposalFor(persons[static_cast<std::size_t>(i)], level);
    proposal.mutable_records(0)->mutable_proposal()->add_basis()->set_position(kTally);
    action.add_records()->Swap(proposal.mutable_records(0));
  }
  return action;
}

std::vector<UnitPlan> PlansOf(const std::string& prefix, std::uint32_t count, pb::UnitKind kind) {
  std::vector<UnitPlan> units(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    units[i].code = prefix + std::to_string(i);
    units[i].name = units[i].code;
    units[i].kind = kind;
  }
  return units;
}

UnitId UnitOf(SimNode& parent, const std::string& code) {
  return parent.replica().projector().organisation().FindByCode(code).value();
}

}  // namespace

Season::Season(const SeasonPlan& plan) : plan_(plan), top_(plan.seed) {}

void Season::Phase(const std::string& name, const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  const double cpu = CpuSeconds();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  costs_.push_back({name, took.count(), CpuSeconds() - cpu});
}

void Season::InCommunes(const std::function<void(Commune&)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto work_on = [&] {
    for (std::size_t at = next++; at < communes_.size(); at = next++) {
      work(*communes_[at]);
    }
  };
  for (const auto& commune : communes_) {
    commune->part.clock = top_.clock;
  }
  std::vector<std::thread> others(std::max(1U, std::thread::hardware_concurrency()) - 1);
  for (std::thread& other : others) {
    other = std::thread(work_on);
  }
  work_on();
  for (std::thread& other : others) {
    other.join();
  }
  for (const auto& commune : communes_) {
    top_.clock = std::max(top_.clock, commune->part.clock);
  }
}

void Season::InCells(const std::function<void(Cell&)>& work) {
  InCommunes([&work](Commune& commune) {
    for (const auto& cell : commune.cells) {
      work(*cell);
    }
  });
}

void Season::Play() {
  const auto sync_up = [this](Commune& commune) {
    Sync(commune.office.node(), province_->node(), "commune", top_);
  };
  Phase("found and enrol", [this] {
    Found();
    EnrolCommunes();
    InCommunes([this](Commune& commune) { EnrolCells(commune); });
  });
  Phase("meet, vote, propose, send",
        [this] { InCells([this](Cell& cell) { MeetAndSend(cell); }); });
  Phase("gather at the province", [this, &sync_up] {
    for (const auto& commune : communes_) {
      PostElsewhere(*commune);
      sync_up(*commune);
    }
  });
  Phase("decide", [this, &sync_up] {
    DecideAbove();
    for (const auto& commune : communes_) {
      sync_up(*commune);
    }
    InCommunes([this](Commune& commune) { DecideAll(commune); });
    for (const auto& commune : communes_) {
      sync_up(*commune);
    }
  });
  const Held province = HeldAt(province_->node(), false);
  Phase("fetch decisions", [this, &province] {
    InCells([this, &province](Cell& cell) { FetchAndCheck(cell, province); });
  });
  Phase("check", [this, &province] {
    for (const auto& commune : communes_) {
      CheckCommune(*commune, province);
    }
    CheckProvince();
  });
  for (const auto& commune : communes_) {
    const Part& part = commune->part;
    top_.bytes_up += part.bytes_up;
    top_.bytes_down += part.bytes_down;
    top_.sessions += part.sessions;
    top_.cuts += part.cuts;
    top_.decided += part.decided;
    top_.wrong.insert(top_.wrong.end(), part.wrong.begin(), part.wrong.end());
  }
}

// ---- Who there is

void Season::Found() {
  NetworkPlan plan;
  plan.name = "Tỉnh thử";
  plan.unit_code = "tinh";
  plan.unit_name = plan.name;
  province_ = std::make_unique<Office>(top_.dice.Below(UINT64_MAX));
  province_->Begin(SimNode::Found(plan, province_->random(), top_.now(), province_->place()));
  Signers officer;
  officer.officer = province_->node().officer();
  Must(Record(province_->node().replica(), RulePack(), officer, top_.now()));
}

void Season::EnrolCommunes() {
  const std::uint32_t communes = (plan_.cells + plan_.cells_a_commune - 1) / plan_.cells_a_commune;
  SimNode& top = province_->node();
  Must(AddUnits(top.replica(), top.officer(), PlansOf("xa", communes, pb::GRASSROOTS_BODY),
                top_.now()));
  for (std::uint32_t i = 0; i < communes; ++i) {
    Commune& commune =
        *communes_.emplace_back(std::make_unique<Commune>(top_.dice.Below(UINT64_MAX)));
    commune.unit = UnitOf(top, "xa" + std::to_string(i));
    commune.office.Begin(SimNode::Join(top, commune.unit, pb::SERVER, commune.office.random(),
                                       top_.now(), commune.office.place()));
    Sync(commune.office.node(), top, "commune", top_);
    const std::uint32_t first = i * plan_.cells_a_commune;
    for (std::uint32_t at = first; at < std::min(plan_.cells, first + plan_.cells_a_commune);
         ++at) {
      Cell& cell =
          *commune.cells.emplace_back(std::make_unique<Cell>(commune.part.dice.Below(UINT64_MAX)));
      cell.commune = &commune;
      DrawMembers(cell);
    }
  }
}

void Season::EnrolCells(Commune& commune) {
  SimNode& server = commune.office.node();
  Part& part = commune.part;
  const std::string prefix = server.replica().settings().unit_code + "-cb";
  const auto count = static_cast<std::uint32_t>(commune.cells.size());
  Must(AddUnits(server.replica(), server.officer(), PlansOf(prefix, count, pb::CELL), part.now()));
  for (std::uint32_t at = 0; at < count; ++at) {
    Cell& cell = *commune.cells[at];
    cell.unit = UnitOf(server, prefix + std::to_string(at));
    cell.office.Begin(SimNode::Join(server, cell.unit, pb::SECRETARY, cell.office.random(),
                                    part.now(), cell.office.place()));
    cell.office.Close();
  }
}

// Levels within the cap of a fifth, some below "good", and now and then somebody who is proposed at
// a second place too, or nowhere.
void Season::DrawMembers(Cell& cell) {
  SeededRandom& dice = cell.commune->part.dice;
  const std::size_t count = 3 + dice.Below(2 * plan_.members - 5);
  const std::size_t excellent = count / 6;
  for (std::size_t i = 0; i < count; ++i) {
    Assessed member;
    member.id = dice.DrawFixed<PersonId>();
    member.proposed = i < excellent         ? pb::HTXSNV
                      : dice.Below(9) != 0  ? pb::HTTNV
                      : dice.Below(20) != 0 ? pb::HTNV
                                            : pb::KHTNV;
    if (i > excellent && dice.Below(kMembersPerUnsettled) == 0) {
      member.proposed = pb::GRADE_NONE;
    }
    member.due = member.proposed;
    cell.members.push_back(member);
  }
  // The last of the first cell of each commune is reviewed at a second place.
  Assessed& last = cell.members.back();
  if (cell.commune->cells.size() == 1 && last.proposed != pb::GRADE_NONE) {
    last.proposed = pb::HTTNV;
    last.elsewhere = pb::HTNV;
    last.above = communes_.size() % kCommunesPerCaseAbove == 0;
    last.due = last.above ? pb::HTNV : pb::HTTNV;
  }
}

// ---- What happens

void Season::Sync(SimNode& child, SimNode& parent, const std::string& who, Part& part) {
  for (int tries = 0; tries < kSessionsMax; ++tries) {
    LinkOptions options;
    if (tries + 1 < kSessionsMax && part.dice.Below(kSessionsPerCut) == 0) {
      (part.dice.Below(2) == 0 ? options.cut_up : options.cut_down) = part.dice.Below(kCutBytesMax);
    }
    options.fragment = 16 * 1024;
    const LinkResult result = SyncOnce(child, parent, part.now(), options);
    ++part.sessions;
    part.bytes_up += result.bytes_up;
    part.bytes_down += result.bytes_down;
    if (result.child) {
      return;
    }
    if (!options.cut_up && !options.cut_down) {
      part.wrong.push_back(who + " " + child.replica().settings().unit_code +
                           " cannot sync: " + ToString(result.child.error()));
      return;
    }
    ++part.cuts;
  }
}

void Season::MeetAndSend(Cell& cell) {
  Opened open(cell.office);
  Part& part = cell.commune->part;
  const auto record = [&](const pb::Action& action) {
    Must(Record(open.node().replica(), action, {}, part.now()));
  };
  std::vector<PersonId> persons;
  for (const Assessed& member : cell.members) {
    persons.push_back(member.id);
  }
  record(RosterOf(persons, cell.unit));
  pb::Action reviews;
  for (const PersonId& person : persons) {
    reviews.add_records()->Swap(ReviewOf(person, part.dice.Below(1000)).mutable_records(0));
  }
  record(reviews);
  record(ReviewMeetingOf(cell.members, part.dice.Below(20), part.dice));
  Sync(open.node(), cell.commune->office.node(), "cell", part);
}

// Somebody who also has a post at the commune or the province is reviewed there, too.
void Season::PostElsewhere(Commune& commune) {
  for (const auto& cell : commune.cells) {
    for (const Assessed& member : cell->members) {
      if (member.elsewhere == pb::GRADE_NONE) {
        continue;
      }
      SimNode& place = member.above ? province_->node() : commune.office.node();
      Must(Record(place.replica(), PostingOf(member.id, place.unit(), cell->unit, place.unit()), {},
                  top_.now()));
      Must(Record(place.replica(), ProposalFor(member.id, member.elsewhere), {}, top_.now()));
    }
  }
}

void Season::Decide(SimNode& node, std::uint64_t number,
                    const std::vector<const Assessed*>& differing, Part& part) {
  DecisionRequest request;
  request.authority = node.unit();
  request.period = kPeriod;
  request.number = std::to_string(number) + "-QĐ/ĐU";
  request.date = 20191220;
  const Issuer officer = node.officer();
  request.issuer = officer.certificate.value();
  request.all_agreed = differing.empty();
  for (const Assessed* member : differing) {
    Choice choice;
    choice.subject = SubjectId::Of(member->id);
    choice.grade = member->due;
    choice.reason = "Căn cứ kết quả công tác ở cả hai nơi";
    request.choices.push_back(std::move(choice));
  }
  const Decided done = Must(chibo::Decide(node.replica(), officer, request, false, part.now()));
  if (!done.signed_and_recorded) {
    std::string rules;
    for (const DecisionFinding& finding : done.findings) {
      rules += " " + finding.finding.rule;
    }
    part.wrong.push_back(node.replica().settings().unit_code + " cannot decide:" + rules + ", " +
                         std::to_string(done.left_out.size()) + " left out");
    return;
  }
  for (const pb::DecisionBody& decision : done.parts) {
    part.decided += static_cast<std::uint64_t>(decision.rows_size());
  }
}

void Season::DecideAll(Commune& commune) {
  SimNode& node = commune.office.node();
  std::vector<const Assessed*> differing;
  for (const auto& cell : commune.cells) {
    for (const Assessed& member : cell->members) {
      if (member.elsewhere != pb::GRADE_NONE && !member.above) {
        differing.push_back(&member);
      }
    }
  }
  Decide(node, ++commune.decisions, {}, commune.part);
  if (!differing.empty()) {
    Decide(node, ++commune.decisions, differing, commune.part);
  }
}

void Season::DecideAbove() {
  std::vector<const Assessed*> differing;
  for (const auto& commune : communes_) {
    for (const auto& cell : commune->cells) {
      for (const Assessed& member : cell->members) {
        if (member.above) {
          differing.push_back(&member);
        }
      }
    }
  }
  if (!differing.empty()) {
    Decide(province_->node(), 1, differing, top_);
  }
}

// ---- What has come of it

void Season::FetchAndCheck(Cell& cell, const Held& province) {
  Opened open(cell.office);
  Part& part = cell.commune->part;
  Sync(open.node(), cell.commune->office.node(), "cell", part);
  const std::string name = open.node().replica().settings().unit_code;
  for (const std::string& what : CheckReceipts(open.node(), province)) {
    part.wrong.push_back(name + " " + what);
  }
  Reckoning expected;
  expected.Add(cell);
  for (const std::string& what : expected.CheckLevels(open.node())) {
    part.wrong.push_back(name + " " + what);
  }
}

void Season::CheckCommune(Commune& commune, const Held& province) {
  Reckoning expected;
  for (const auto& cell : commune.cells) {
    expected.Add(*cell);
  }
  for (const std::string& what : expected.CheckTable(commune.office.node())) {
    top_.wrong.push_back(commune.office.node().replica().settings().unit_code + " " + what);
  }
  for (const std::string& what : CheckReceipts(commune.office.node(), province)) {
    top_.wrong.push_back(commune.office.node().replica().settings().unit_code + " " + what);
  }
}

void Season::CheckProvince() {
  Reckoning expected;
  for (const auto& commune : communes_) {
    for (const auto& cell : commune->cells) {
      expected.Add(*cell);
    }
  }
  for (const std::string& what : expected.CheckTable(province_->node())) {
    top_.wrong.push_back("province " + what);
  }
  for (const std::string& what : expected.CheckLevels(province_->node())) {
    top_.wrong.push_back("province " + what);
  }
  Must(province_->node().replica().view().VisitFacts([this](const Fact&) {
    ++records_;
    return true;
  }));
}

std::uint64_t Season::directory_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& commune : communes_) {
    for (const auto& cell : commune->cells) {
      bytes += cell->office.directory_bytes();
    }
  }
  return bytes;
}

std::uint64_t Season::members() const {
  std::uint64_t count = 0;
  for (const auto& commune : communes_) {
    for (const auto& cell : commune->cells) {
      count += cell->members.size();
    }
  }
  return count;
}

}  // namespace chibo::sim
