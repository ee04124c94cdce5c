#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "domain/authority.h"
#include "proto/limits.h"
#include "proto/signed_object.h"
#include "tests/domain/random_province.h"

// Standing is a function of the set of what was added: any order, any batching, also twice.
namespace chibo {
namespace {

// Whoever may not read it would judge and count otherwise than the others, and not know.
TEST(Reach, WhatDecidesOrIsCountedByAllStandsInNoNarrowerSlot) {
  TestProvince province;
  pb::Record meeting;
  meeting.mutable_meeting()->set_start_ms(1'575'500'000'000);
  std::vector<Fact> facts;
  for (const KindTraits& traits : AllKinds()) {
    Fact fact = province.cell_1.line->Append(meeting);
    fact.kind = static_cast<std::uint32_t>(traits.kind);
    fact.reach = pb::PARENT;
    fact.record = nullptr;  // withheld, as it is from those above
    fact.content = Hash();
    facts.push_back(fact);
  }
  const Authority authority = province.network.Everything();
  std::set<std::string_view> kept;
  for (const Fact& fact : facts) {
    const SetAside standing = authority.StandingOf(fact);
    if (standing != SetAside::kNotMeant) {
      kept.insert(TraitsOf(fact.kind)->name);
    }
  }
  EXPECT_EQ(kept, (std::set<std::string_view>{"leave", "minutes", "review_report", "opinion",
                                              "vote_session", "tally", "tally_correction",
                                              "meeting", "attestation"}));
}

using Standings = std::map<std::tuple<RecordName, std::uint32_t>, SetAside>;

Standings StandingsOf(const Authority& authority, const TestNetwork& network) {
  Standings standings;
  for (const TestStream& stream : network.streams()) {
    for (const Fact& fact : stream.Facts()) {
      standings[{fact.name, fact.branch}] = authority.StandingOf(fact);
    }
  }
  return standings;
}

// Everything in a random order; streams grow in steps; some things come twice.
class Feeder {
 public:
  Feeder(const TestNetwork& network, std::uint64_t seed) : network_(network), random_(seed) {
    for (const TestStream& stream : network.streams()) {
      held_[stream.id()] = 0;
      for (const Fact& fact : stream.Facts()) {
        facts_.push_back(fact);
      }
    }
    for (std::size_t i = facts_.size(); i > 1; --i) {
      std::swap(facts_[i - 1], facts_[random_.Below(i)]);
    }
    authority_.emplace(
        network.id(),
        [this](const StreamId& id, std::uint32_t branch,
               std::uint64_t size) -> std::optional<Hash> {
          const auto held = held_.find(id);
          const bool whole = whole_.contains(id);
          if (held == held_.end() || (!whole && (branch != 0 || size > held->second))) {
            return std::nullopt;
          }
          return network_.AllRoots()(id, branch, size);
        });
  }

  // Keeps, for every fact, the answer as it was when last asked or told to ask again.
  void Feed(bool check_changes) {
    std::size_t next = 0;
    while (next < facts_.size() || whole_.size() < held_.size()) {
      if (next < facts_.size() && random_.Below(3) != 0) {
        authority_->Add(facts_[next]);
        // Whoever adds a fact asks for it then: only later changes are told.
        followed_[{facts_[next].name, facts_[next].branch}] = authority_->StandingOf(facts_[next]);
        if (random_.Below(8) == 0) {
          authority_->Add(facts_[random_.Below(next + 1)]);
        }
        ++next;
      } else {
        GrowOne();
      }
      if (check_changes && random_.Below(4) == 0) {
        FollowChanges();
      }
    }
    if (check_changes) {
      FollowChanges();
    }
  }

  Authority& authority() { return *authority_; }
  const Standings& followed() const { return followed_; }
  const std::map<StreamId, std::vector<SetAside>>& entries() const { return entries_; }

 private:
  void GrowOne() {
    const TestStream& stream = network_.streams()[random_.Below(network_.streams().size())];
    std::uint64_t& held = held_[stream.id()];
    if (held < stream.size()) {
      held += 1 + random_.Below(stream.size() - held);
      if (held < stream.size() || stream.State().branches.size() > 1) {
        authority_->PutStream(stream.StateUpTo(held));
        return;
      }
    }
    whole_.insert(stream.id());
    authority_->PutStream(stream.State());
  }

  void FollowChanges() {
    const std::vector<StreamId> streams = authority_->TakeChanged();
    const std::vector<FactKey> keys = authority_->TakeChangedKeys();
    for (const Fact& fact : facts_) {
      const std::vector<FactKey> own = KeysOf(fact);
      const bool told = std::binary_search(streams.begin(), streams.end(), fact.name.stream) ||
                        std::any_of(own.begin(), own.end(), [&](const FactKey& key) {
                          return std::binary_search(keys.begin(), keys.end(), key);
                        });
      if (told) {
        followed_[{fact.name, fact.branch}] = authority_->StandingOf(fact);
      }
    }
    for (const StreamId& id : streams) {
      entries_[id] = EntriesOf(id);
    }
  }

 public:
  std::vector<SetAside> EntriesOf(const StreamId& id) const {
    std::vector<SetAside> standings;
    for (const TestStream& stream : network_.streams()) {
      if (stream.id() != id) {
        continue;
      }
      for (const BranchState& branch : stream.State().branches) {
        for (std::uint64_t index = branch.fork_at; index < branch.size; ++index) {
          standings.push_back(authority_->StandingOfEntry(id, branch.branch, index));
        }
      }
    }
    return standings;
  }

 private:
  const TestNetwork& network_;
  SeededRandom random_;
  std::vector<Fact> facts_;
  std::map<StreamId, std::uint64_t> held_;
  std::set<StreamId> whole_;
  std::optional<Authority> authority_;
  Standings followed_;
  std::map<StreamId, std::vector<SetAside>> entries_;
};

TEST(AuthorityOrder, AnyOrderGivesTheSameStandings) {
  std::map<SetAside, std::size_t> seen;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomProvince random(seed);
    const Standings expected = StandingsOf(random.network().Everything(), random.network());
    for (const auto& [name, standing] : expected) {
      ++seen[standing];
    }
    for (std::uint64_t order = 1; order <= 3; ++order) {
      Feeder feeder(random.network(), seed * 100 + order);
      feeder.Feed(false);
      ASSERT_EQ(StandingsOf(feeder.authority(), random.network()), expected)
          << "seed " << seed << ", order " << order;
    }
  }
  std::string counts;
  for (const auto& [reason, count] : seen) {
    counts += std::string(Name(reason)) + " " + std::to_string(count) + ", ";
  }
  RecordProperty("standings", counts);
  // The random acts reach what there is to reach.
  for (const SetAside reason : {SetAside::kCounts, SetAside::kRevoked, SetAside::kForked,
                                SetAside::kNotCompetent, SetAside::kCertificateNotValid}) {
    EXPECT_GT(seen[reason], 50u) << Name(reason);
  }
}

TEST(AuthorityOrder, WhoFollowsTheChangesKnowsEveryStanding) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomProvince random(seed);
    Feeder feeder(random.network(), seed);
    feeder.Feed(true);
    const Standings now = StandingsOf(feeder.authority(), random.network());
    for (const auto& [name, standing] : now) {
      const auto known = feeder.followed().find(name);
      ASSERT_TRUE(known != feeder.followed().end());
      ASSERT_EQ(Name(known->second), Name(standing))
          << "seed " << seed << ", " << ToString(std::get<0>(name));
    }
    for (const auto& [id, standings] : feeder.entries()) {
      ASSERT_EQ(standings, feeder.EntriesOf(id)) << "seed " << seed;
    }
  }
}

// Written apart from the code under test, slowly and from the words alone: nothing that counts may
// lack a chain of good signatures to the root set, each place kept by every revocation above it.
class Oracle {
 public:
  explicit Oracle(const TestNetwork& network) : network_(network) {
    for (const TestStream& stream : network.streams()) {
      streams_[stream.id()] = &stream;
      AddCertificate(stream.device().record, nullptr);
      for (const Fact& fact : stream.Facts()) {
        if (fact.record->has_certificate()) {
          AddCertificate(*fact.record, &fact);
        } else if (fact.record->has_revocation()) {
          revocations_.push_back(fact);
        } else if (fact.record->has_point_list()) {
          lists_[Bytes(fact.content.view())] = fact.record->point_list();
        }
      }
    }
  }

  bool Chains(const CertificateId& id) const {
    const auto found = certificates_.find(id);
    if (found == certificates_.end()) {
      return false;
    }
    const pb::CertificateBody& body = found->second.body;
    const auto issuer = CertificateId::From(body.issuer());
    if (!issuer) {
      return body.depth() == 1;
    }
    const auto above = certificates_.find(*issuer);
    return above != certificates_.end() && above->second.body.role() == pb::AUTHORITY &&
           above->second.body.depth() + 1 == body.depth() && Chains(*issuer) &&
           HasSignatureBy(network_.id(), *SignKeyOf(above->second.body), found->second.record);
  }

  // Whether the highest revocations that the chain's own issuers made cut the place off.
  bool IsCut(const CertificateId& id, const Fact& place) const {
    std::uint32_t highest = 99;
    bool cut = false;
    for (const Fact& fact : revocations_) {
      const pb::RevocationBody& body = fact.record->revocation().body();
      const auto issuer = CertificateId::From(body.issuer());
      if (body.certificate() != id.view() || !issuer || !IsAncestor(*issuer, id) ||
          !HasSignatureBy(network_.id(), *SignKeyOf(certificates_.at(*issuer).body),
                          *fact.record) ||
          IsRevokedAtAll(*issuer)) {
        continue;
      }
      const std::uint32_t depth = certificates_.at(*issuer).body.depth();
      if (depth < highest) {
        highest = depth;
        cut = false;
      }
      cut = cut || (depth == highest && !Keeps(body, place));
    }
    return cut;
  }

 private:
  struct Held {
    pb::Record record;
    pb::CertificateBody body;
  };
  void AddCertificate(const pb::Record& record, const Fact*) {
    const auto id = CertificateId::FromChecked(BodyDigest(record).view());
    certificates_[id] = {record, record.certificate().body()};
  }
  bool IsAncestor(const CertificateId& upper, const CertificateId& id) const {
    auto at = CertificateId::From(certificates_.at(id).body.issuer());
    while (at && certificates_.contains(*at)) {
      if (*at == upper) {
        return true;
      }
      at = CertificateId::From(certificates_.at(*at).body.issuer());
    }
    return false;
  }
  bool IsRevokedAtAll(const CertificateId& id) const {
    return std::any_of(revocations_.begin(), revocations_.end(), [&](const Fact& fact) {
      return fact.record->revocation().body().certificate() == id.view();
    });
  }
  // Whether the place is one of the branch's entries, its own or of those it has left.
  static bool Has(const TestStream& stream, BranchState branch, const Fact& place) {
    const auto branches = stream.State().branches;
    while (branch.branch != place.branch && place.name.index < branch.fork_at) {
      branch = branches[branch.parent];
    }
    return branch.branch == place.branch && place.name.index >= branch.fork_at;
  }
  // What it names itself and what the lists do that it names, of those that are anywhere.
  std::vector<pb::Point> PointsOf(const pb::RevocationBody& body) const {
    std::vector<pb::Point> points(body.kept().begin(), body.kept().end());
    for (const Bytes& digest : body.more()) {
      const auto list = lists_.find(digest);
      if (list == lists_.end()) {
        continue;
      }
      for (const pb::Point& point : list->second.points()) {
        const bool named = std::any_of(points.begin(), points.end(), [&](const pb::Point& one) {
          return one.stream() == point.stream();
        });
        if (!named) {
          points.push_back(point);
        }
      }
    }
    return points;
  }
  bool Keeps(const pb::RevocationBody& body, const Fact& place) const {
    for (const pb::Point& point : PointsOf(body)) {
      if (point.stream() != place.name.stream.view() || place.name.index >= point.size()) {
        continue;
      }
      const TestStream& stream = *streams_.at(place.name.stream);
      for (const BranchState& branch : stream.State().branches) {
        if (Has(stream, branch, place) && point.size() <= branch.size &&
            stream.Root(point.size(), branch.branch).view() == point.root()) {
          return true;
        }
      }
    }
    return false;
  }

  const TestNetwork& network_;
  std::map<StreamId, const TestStream*> streams_;
  std::map<CertificateId, Held> certificates_;
  std::vector<Fact> revocations_;
  std::map<Bytes, pb::PointList, std::less<>> lists_;
};

TEST(AuthorityOrder, NothingCountsWithoutAChainFromTheRootSet) {
  std::size_t counted = 0;
  std::size_t cut = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomProvince random(seed);
    const Authority authority = random.network().Everything();
    const Oracle oracle(random.network());
    std::set<StreamId> adopted;
    for (const TestStream& stream : random.network().streams()) {
      for (const Fact& fact : stream.Facts()) {
        if (fact.record->has_adoption()) {
          adopted.insert(StreamId::FromChecked(fact.record->adoption().body().stream()));
        }
      }
    }
    for (const TestStream& stream : random.network().streams()) {
      for (const Fact& fact : stream.Facts()) {
        if (fact.record->has_copy() || authority.StandingOf(fact) != SetAside::kCounts) {
          continue;
        }
        ++counted;
        ASSERT_TRUE(oracle.Chains(stream.device().id)) << ToString(fact.name);
        if (!adopted.contains(stream.id())) {
          ASSERT_FALSE(oracle.IsCut(stream.device().id, fact)) << ToString(fact.name);
        }
      }
      for (const Fact& fact : stream.Facts()) {
        cut += oracle.IsCut(stream.device().id, fact) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(counted, 300u);
  EXPECT_GT(cut, 50u);
}

TEST(AuthorityOrder, AddingALeafCertificateTouchesNothingElse) {
  TestProvince province;
  Authority authority = province.network.Everything();
  authority.TakeChanged();
  authority.TakeChangedKeys();
  const Holder added =
      province.network.Certify(&*province.commune_a.authority, province.cell_1.unit, pb::DEPUTY);
  TestStream& to_cell = *province.commune_a.to[province.cell_1.unit];
  const Fact fact = to_cell.Append(added.record);
  authority.PutStream(to_cell.State());
  authority.Add(fact);
  EXPECT_TRUE(authority.Find(added.id).has_value());
  EXPECT_TRUE(authority.TakeChanged().empty());
  EXPECT_EQ(authority.TakeChangedKeys(), std::vector<FactKey>{KeyOfDigest(added.id)});
}

}  // namespace
}  // namespace chibo
