#include "tests/season/season.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>

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

}  // namespace

Season::Season(const SeasonPlan& plan) : plan_(plan), dice_(plan.seed) {}

Timestamp Season::now() { return now_ += std::chrono::seconds(1); }

void Season::Wrong(const std::string& what) { wrong_.push_back(what); }

void Season::Phase(const std::string& name, const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  const double cpu = CpuSeconds();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  costs_.push_back({name, took.count(), CpuSeconds() - cpu});
}

void Season::Play() {
  Phase("found and enrol", [this] {
    Found();
    Enrol();
  });
  Phase("meet, vote, propose, send", [this] {
    for (const auto& cell : cells_) {
      MeetAndSend(*cell);
    }
  });
  Phase("gather at the province", [this] {
    for (const auto& commune : communes_) {
      PostElsewhere(*commune);
      Sync(commune->office.node(), province_->node(), "commune");
    }
  });
  Phase("decide", [this] {
    DecideAbove();
    for (const auto& commune : communes_) {
      Sync(commune->office.node(), province_->node(), "commune");
      DecideAll(*commune);
      Sync(commune->office.node(), province_->node(), "commune");
    }
  });
  Phase("fetch decisions", [this] {
    for (const auto& cell : cells_) {
      FetchAndCheck(*cell);
    }
  });
  Phase("check", [this] {
    for (const auto& commune : communes_) {
      CheckCommune(*commune);
    }
    CheckProvince();
  });
}

// ---- Who there is

void Season::Found() {
  NetworkPlan plan;
  plan.name = "Tỉnh thử";
  plan.unit_code = "tinh";
  plan.unit_name = plan.name;
  province_ = std::make_unique<Office>(dice_.Below(UINT64_MAX));
  province_->Begin(SimNode::Found(plan, province_->random(), now(), province_->place()));
  Signers officer;
  officer.officer = province_->node().officer();
  Must(Record(province_->node().replica(), RulePack(), officer, now()));
}

void Season::Enrol() {
  const std::uint32_t communes = (plan_.cells + plan_.cells_a_commune - 1) / plan_.cells_a_commune;
  const auto plans = [](const std::string& prefix, std::uint32_t count, pb::UnitKind kind) {
    std::vector<UnitPlan> units(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      units[i].code = prefix + std::to_string(i);
      units[i].name = units[i].code;
      units[i].kind = kind;
    }
    return units;
  };
  const auto add = [this](SimNode& parent, const std::vector<UnitPlan>& units) {
    Must(AddUnits(parent.replica(), parent.officer(), units, now()));
  };
  const auto unit = [](SimNode& parent, const std::string& code) {
    return parent.replica().projector().organisation().FindByCode(code).value();
  };
  SimNode& top = province_->node();
  add(top, plans("xa", communes, pb::GRASSROOTS_BODY));
  for (std::uint32_t i = 0; i < communes; ++i) {
    Commune& commune = *communes_.emplace_back(std::make_unique<Commune>(dice_.Below(UINT64_MAX)));
    commune.unit = unit(top, "xa" + std::to_string(i));
    commune.office.Begin(SimNode::Join(top, commune.unit, pb::SERVER, commune.office.random(),
                                       now(), commune.office.place()));
    SimNode& server = commune.office.node();
    Sync(server, top, "commune");
    const std::uint32_t first = i * plan_.cells_a_commune;
    const std::uint32_t count = std::min(plan_.cells_a_commune, plan_.cells - first);
    const std::string prefix = "xa" + std::to_string(i) + "-cb";
    add(server, plans(prefix, count, pb::CELL));
    for (std::uint32_t at = 0; at < count; ++at) {
      Cell& cell = *cells_.emplace_back(std::make_unique<Cell>(dice_.Below(UINT64_MAX)));
      cell.commune = &commune;
      cell.unit = unit(server, prefix + std::to_string(at));
      cell.office.Begin(SimNode::Join(server, cell.unit, pb::SECRETARY, cell.office.random(), now(),
                                      cell.office.place()));
      cell.office.Close();
      commune.cells.push_back(&cell);
      DrawMembers(cell);
    }
  }
}

// Levels within the cap of a fifth, some below "good", and now and then somebody who is proposed at
// a second place too, or nowhere.
void Season::DrawMembers(Cell& cell) {
  const std::size_t count = 3 + dice_.Below(2 * plan_.members - 5);
  const std::size_t excellent = count / 6;
  for (std::size_t i = 0; i < count; ++i) {
    Assessed member;
    member.id = dice_.DrawFixed<PersonId>();
    member.proposed = i < excellent          ? pb::HTXSNV
                      : dice_.Below(9) != 0  ? pb::HTTNV
                      : dice_.Below(20) != 0 ? pb::HTNV
                                             : pb::KHTNV;
    if (i > excellent && dice_.Below(kMembersPerUnsettled) == 0) {
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

void Season::Sync(SimNode& child, SimNode& parent, const std::string& who) {
  for (int tries = 0; tries < kSessionsMax; ++tries) {
    LinkOptions options;
    if (tries + 1 < kSessionsMax && dice_.Below(kSessionsPerCut) == 0) {
      (dice_.Below(2) == 0 ? options.cut_up : options.cut_down) = dice_.Below(kCutBytesMax);
    }
    options.fragment = 16 * 1024;
    const LinkResult result = SyncOnce(child, parent, now(), options);
    ++sessions_;
    bytes_up_ += result.bytes_up;
    bytes_down_ += result.bytes_down;
    if (result.child) {
      return;
    }
    if (!options.cut_up && !options.cut_down) {
      Wrong(who + " " + child.replica().settings().unit_code +
            " cannot sync: " + ToString(result.child.error()));
      return;
    }
    ++cuts_;
  }
}

void Season::MeetAndSend(Cell& cell) {
  Opened open(cell.office);
  const auto record = [&](const pb::Action& action) {
    Must(Record(open.node().replica(), action, {}, now()));
  };
  std::vector<PersonId> persons;
  for (const Assessed& member : cell.members) {
    persons.push_back(member.id);
  }
  record(RosterOf(persons, cell.unit));
  pb::Action reviews;
  for (const PersonId& person : persons) {
    reviews.add_records()->Swap(ReviewOf(person, dice_.Below(1000)).mutable_records(0));
  }
  record(reviews);
  record(ReviewMeetingOf(cell.members, dice_.Below(20), dice_));
  Sync(open.node(), cell.commune->office.node(), "cell");
}

// Somebody who also has a post at the commune or the province is reviewed there, too.
void Season::PostElsewhere(Commune& commune) {
  for (const Cell* cell : commune.cells) {
    for (const Assessed& member : cell->members) {
      if (member.elsewhere == pb::GRADE_NONE) {
        continue;
      }
      SimNode& place = member.above ? province_->node() : commune.office.node();
      Must(Record(place.replica(), PostingOf(member.id, place.unit(), cell->unit, place.unit()), {},
                  now()));
      Must(Record(place.replica(), ProposalFor(member.id, member.elsewhere), {}, now()));
    }
  }
}

void Season::Decide(SimNode& node, std::uint64_t number,
                    const std::vector<const Assessed*>& differing) {
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
  const Decided done = Must(chibo::Decide(node.replica(), officer, request, false, now()));
  if (!done.signed_and_recorded) {
    std::string rules;
    for (const DecisionFinding& finding : done.findings) {
      rules += " " + finding.finding.rule;
    }
    Wrong(node.replica().settings().unit_code + " cannot decide:" + rules + ", " +
          std::to_string(done.left_out.size()) + " left out");
    return;
  }
  for (const pb::DecisionBody& part : done.parts) {
    decided_ += static_cast<std::uint64_t>(part.rows_size());
  }
}

void Season::DecideAll(Commune& commune) {
  SimNode& node = commune.office.node();
  std::vector<const Assessed*> differing;
  for (const Cell* cell : commune.cells) {
    for (const Assessed& member : cell->members) {
      if (member.elsewhere != pb::GRADE_NONE && !member.above) {
        differing.push_back(&member);
      }
    }
  }
  Decide(node, ++commune.decisions, {});
  if (!differing.empty()) {
    Decide(node, ++commune.decisions, differing);
  }
}

void Season::DecideAbove() {
  std::vector<const Assessed*> differing;
  for (const auto& cell : cells_) {
    for (const Assessed& member : cell->members) {
      if (member.above) {
        differing.push_back(&member);
      }
    }
  }
  if (!differing.empty()) {
    Decide(province_->node(), 1, differing);
  }
}

// ---- What has come of it

void Season::FetchAndCheck(Cell& cell) {
  Opened open(cell.office);
  Sync(open.node(), cell.commune->office.node(), "cell");
  const std::string name = open.node().replica().settings().unit_code;
  for (const std::string& what : CheckReceipts(open.node(), province_->node())) {
    Wrong(name + " " + what);
  }
  Reckoning expected;
  expected.Add(cell);
  for (const std::string& what : expected.CheckLevels(open.node())) {
    Wrong(name + " " + what);
  }
}

void Season::CheckCommune(Commune& commune) {
  Reckoning expected;
  for (const Cell* cell : commune.cells) {
    expected.Add(*cell);
  }
  for (const std::string& what : expected.CheckTable(commune.office.node())) {
    Wrong(commune.office.node().replica().settings().unit_code + " " + what);
  }
  for (const std::string& what : CheckReceipts(commune.office.node(), province_->node())) {
    Wrong(commune.office.node().replica().settings().unit_code + " " + what);
  }
}

void Season::CheckProvince() {
  Reckoning expected;
  for (const auto& cell : cells_) {
    expected.Add(*cell);
  }
  for (const std::string& what : expected.CheckTable(province_->node())) {
    Wrong("province " + what);
  }
  for (const std::string& what : expected.CheckLevels(province_->node())) {
    Wrong("province " + what);
  }
  Must(province_->node().replica().view().VisitFacts([this](const Fact&) {
    ++records_;
    return true;
  }));
}

std::uint64_t Season::directory_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& cell : cells_) {
    bytes += cell->office.directory_bytes();
  }
  return bytes;
}

std::uint64_t Season::members() const {
  std::uint64_t count = 0;
  for (const auto& cell : cells_) {
    count += cell->members.size();
  }
  return count;
}

}  // namespace chibo::sim
