#include "tests/domain/random_province.h"

#include <algorithm>
#include <array>
#include <set>

#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr int kPersons = 4;
constexpr std::array kGrades{pb::KHTNV, pb::HTNV, pb::HTTNV, pb::HTXSNV};

pb::Record OneMeeting() {
  pb::Record record;
  record.mutable_meeting()->add_kinds(pb::REGULAR);
  return record;
}

}  // namespace

RandomProvince::RandomProvince(std::uint64_t seed, std::uint64_t papers)
    : random_(seed), province(seed) {
  officers_ = {*province.province.authority, *province.district.authority,
               *province.commune_a.authority, *province.commune_b.authority};
  devices_ = {*province.province.server,  *province.district.server,  *province.commune_a.server,
              *province.commune_b.server, *province.cell_1.secretary, *province.cell_2.secretary,
              *province.cell_3.secretary};
  units_ = {province.province.unit,  province.district.unit, province.commune_a.unit,
            province.commune_b.unit, province.cell_1.unit,   province.cell_2.unit,
            province.cell_3.unit};
  // Few acts leave most of the network standing, many leave little of it.
  const std::uint64_t acts = 2 + random_.Below(40);
  for (std::uint64_t i = 0; i < acts; ++i) {
    Act();
  }
  for (int i = 0; papers > 0 && i < kPersons; ++i) {
    persons_.push_back(network().DrawPerson());
  }
  for (std::uint64_t i = 0; i < papers; ++i) {
    Write();
  }
}

TestStream& RandomProvince::AnyStream() {
  auto& streams = network().streams();
  return streams[random_.Below(streams.size())];
}

std::uint32_t RandomProvince::AnyBranch(const TestStream& stream) {
  return static_cast<std::uint32_t>(random_.Below(stream.State().branches.size()));
}

pb::Point RandomProvince::AnyPoint(const TestStream& stream) {
  const std::uint32_t branch = AnyBranch(stream);
  return stream.Point(1 + random_.Below(stream.size(branch)), branch);
}

std::vector<pb::Point> RandomProvince::AnyPoints(std::size_t count) {
  std::vector<pb::Point> points;
  std::set<Bytes> named;
  for (std::size_t i = 0; i < count; ++i) {
    const pb::Point point = AnyPoint(AnyStream());
    if (named.insert(point.stream()).second) {
      points.push_back(point);
    }
  }
  return points;
}

std::vector<pb::Record> RandomProvince::AnyLists() {
  std::vector<pb::Record> lists;
  for (std::size_t i = random_.Below(3); i > 0; --i) {
    lists.push_back(TestNetwork::ListOf(AnyPoints(4)));
  }
  for (const pb::Record& list : lists) {
    if (random_.Below(4) != 0) {
      Say(list);
    }
  }
  return lists;
}

void RandomProvince::Say(const pb::Record& record) {
  TestStream& stream = AnyStream();
  const Fact fact = stream.Append(record, AnyBranch(stream));
  if (random_.Below(3) == 0) {
    const std::uint64_t least = fact.name.index + 1;
    const std::uint64_t size = least + random_.Below(stream.size(fact.branch) - least + 1);
    AnyStream().Append(stream.Copy(fact, size));
  }
}

void RandomProvince::Act() {
  const Holder& officer = One(officers_);
  switch (random_.Below(10)) {
    case 0:
    case 1: {
      const pb::Role role = random_.Below(2) == 0 ? pb::AUTHORITY : pb::SECRETARY;
      const Holder added = network().Certify(&officer, One(units_), role);
      (role == pb::AUTHORITY ? officers_ : devices_).push_back(added);
      return Say(added.record);
    }
    case 2:
    case 3: {
      const auto kept = AnyPoints(6);
      const auto more = AnyLists();
      const Holder& revoked = random_.Below(3) == 0 ? One(officers_) : One(devices_);
      return Say(network().Revocation(&officer, revoked.id, kept, more));
    }
    case 4:
      return Say(network().UnitRecord(&officer, One(units_), officer.unit, "x"));
    case 5:
      return Move(officer);
    case 6:
      return Fork();
    case 7: {
      TestStream& stream = AnyStream();
      const std::uint32_t branch = AnyBranch(stream);
      const std::uint64_t to = 1 + random_.Below(stream.size(branch));
      return Say(network().Adoption(&officer, stream, random_.Below(to), to, branch));
    }
    case 8:
      return Say(random_.Below(2) == 0 ? network().ForkRuling(&officer, AnyPoint(AnyStream()))
                                       : network().Register({AnyPoint(AnyStream())}));
    default:
      AnyStream().Append(OneMeeting());
      network().OpenStream(One(devices_), pb::LINE, province.commune_a.unit).Append(OneMeeting());
      return;
  }
}

void RandomProvince::Move(const Holder& officer) {
  const UnitId unit = One(units_);
  const Hash previous = moves_.contains(unit) ? moves_[unit] : Hash();
  std::vector<pb::Point> closed;
  if (random_.Below(2) == 0) {
    closed.push_back(AnyPoint(AnyStream()));
  }
  const UnitId parent = One(units_);
  if (parent == unit) {
    return;
  }
  const auto more = AnyLists();
  const pb::Record move = network().Move(&officer, unit, parent, closed, previous, more);
  moves_[unit] = BodyDigest(move);
  Say(move);
}

void RandomProvince::Fork() {
  TestStream& stream = AnyStream();
  const auto branches = stream.State().branches;
  const BranchState& from = branches[random_.Below(branches.size())];
  const std::uint64_t own = from.size - std::max<std::uint64_t>(from.fork_at, 1);
  if (branches.size() < 4 && own > 0) {
    stream.Append(OneMeeting(), stream.Fork(from.size - random_.Below(own), from.branch));
  }
}

// ---- Papers

pb::Subject RandomProvince::Somebody() {
  pb::Subject subject;
  subject.set_kind(pb::MEMBER);
  subject.set_id(Bytes(One(persons_).view()));
  return subject;
}

pb::Record RandomProvince::Paper() {
  pb::Record record;
  const Bytes person = Somebody().id();
  switch (random_.Below(8)) {
    case 0: {
      pb::Member& member = *record.mutable_member();
      member.set_person(person);
      member.set_name(random_.Below(2) == 0 ? "Lò Văn Pâng" : "Lường Thị Nhịp");
      member.set_birth(19800201);
      member.set_admitted(20050301);
      member.set_official(20060301);
      return record;
    }
    case 1: {
      pb::Membership& membership = *record.mutable_membership();
      membership.set_person(person);
      membership.set_unit(Bytes(One(units_).view()));
      membership.set_kind(pb::HOME);
      membership.set_from(20050301);
      return record;
    }
    case 2: {
      pb::Transfer& transfer = *record.mutable_transfer();
      transfer.set_person(person);
      transfer.set_kind(pb::PERMANENT);
      transfer.set_from(Bytes(One(units_).view()));
      transfer.set_to(Bytes(One(units_).view()));
      transfer.set_effective(20191001 + static_cast<std::uint32_t>(random_.Below(28)));
      return record;
    }
    case 3: {
      pb::Posting& posting = *record.mutable_posting();
      posting.set_person(person);
      posting.set_place(Bytes(One(units_).view()));
      posting.set_title("Cấp ủy viên");
      posting.set_from(20190101);
      posting.set_managed_by(Bytes(One(units_).view()));
      posting.set_reviewed_there(true);
      return record;
    }
    case 4: {
      pb::DuplicateChoice& choice = *record.mutable_duplicate_choice();
      choice.add_persons(person);
      choice.add_persons(Somebody().id());
      choice.set_undone(random_.Below(3) == 0);
      return choice.persons(0) == choice.persons(1) ? OneMeeting() : record;
    }
    case 5: {
      const Holder& officer = One(officers_);
      return network().Decision(&officer, officer.unit, Somebody());
    }
    default: {
      pb::Proposal& proposal = *record.mutable_proposal();
      *proposal.mutable_subject() = Somebody();
      proposal.set_period("2019");
      proposal.set_grade(One(std::vector(kGrades.begin(), kGrades.end())));
      return record;
    }
  }
}

void RandomProvince::Write() {
  TestStream& stream = AnyStream();
  stream.Append(Paper(), AnyBranch(stream));
}

}  // namespace chibo
