#include "storage/view_store.h"

#include <algorithm>

#include "proto/record.h"
#include "storage/query.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

class View : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    OpenView();
  }
  void OpenView() {
    view_ = std::make_unique<ViewStore>(*sql_);
    ASSERT_TRUE(view_->OpenSchema(place()));
  }
  ViewStore::Place place() const {
    return GetParam() == SqliteKind::kServer ? ViewStore::Place::kFile : ViewStore::Place::kMemory;
  }

  static PersonId Person(std::uint64_t number) {
    return SeededRandom(number).DrawFixed<PersonId>();
  }
  // A leave of a person, at (stream, index, 0).
  static Fact LeaveOf(const PersonId& person, std::uint64_t stream, std::uint64_t index) {
    Fact fact;
    fact.name = {SeededRandom(stream).DrawFixed<StreamId>(), index, 0};
    fact.stream_kind = pb::LINE;
    fact.unit = SeededRandom(stream + 1000).DrawFixed<UnitId>();
    fact.other = SeededRandom(stream + 2000).DrawFixed<UnitId>();
    fact.reach = pb::PARENT;
    fact.claimed = Timestamp(Duration(-5));
    fact.pack = Bytes(Hash::kSize, 'p');
    pb::Record record;
    record.mutable_leave()->set_person(Bytes(person.view()));
    record.mutable_leave()->set_from(20190101 + static_cast<std::uint32_t>(index));
    fact.kind = static_cast<std::uint32_t>(record.body_case());
    fact.content = ContentDigest(fact.kind, PayloadOf(record));
    fact.record = std::make_shared<const pb::Record>(record);
    return fact;
  }
  static Fact Withheld(Fact fact) {
    fact.record = nullptr;
    fact.content = Hash();
    return fact;
  }
  static void ExpectSame(const Fact& a, const Fact& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.branch, b.branch);
    EXPECT_EQ(a.stream_kind, b.stream_kind);
    EXPECT_EQ(a.unit, b.unit);
    EXPECT_EQ(a.other, b.other);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.reach, b.reach);
    EXPECT_EQ(a.claimed, b.claimed);
    EXPECT_EQ(a.pack, b.pack);
    EXPECT_EQ(a.content, b.content);
    EXPECT_EQ(a.standing, b.standing);
    ASSERT_EQ(a.record == nullptr, b.record == nullptr);
    if (a.record) {
      EXPECT_EQ(PayloadOf(*a.record), PayloadOf(*b.record));
    }
  }
  std::vector<RecordName> NamesOf(const FactKey& key) {
    std::vector<RecordName> names;
    const auto facts = view_->FactsOf(key);
    CHECK(facts);
    for (const Fact& fact : *facts) {
      names.push_back(fact.name);
    }
    return names;
  }

  std::unique_ptr<ViewStore> view_;
};

TEST_P(View, GivesAFactBackWhole) {
  Fact fact = LeaveOf(Person(1), 1, 4);
  fact.branch = 2;
  fact.standing = SetAside::kForked;
  ASSERT_TRUE(view_->PutFact(fact));
  const auto found = view_->FactAt(fact.name, 2);
  ASSERT_TRUE(found && *found);
  ExpectSame(**found, fact);
  EXPECT_FALSE(*view_->FactAt(fact.name, 0));
  EXPECT_FALSE(*view_->FactAt({StreamId(), 4, 0}, 0));
  EXPECT_FALSE(*view_->FactAt({fact.name.stream, ~std::uint64_t{0}, 0}, 0));
}

TEST_P(View, FindsFactsByKeyInOrderOfTheirNames) {
  std::vector<Fact> facts;
  for (std::uint64_t stream = 1; stream <= 3; ++stream) {
    for (std::uint64_t index = 1; index <= 3; ++index) {
      facts.push_back(LeaveOf(Person(index % 2), stream, index));
    }
  }
  std::reverse(facts.begin(), facts.end());
  for (const Fact& fact : facts) {
    ASSERT_TRUE(view_->PutFact(fact));
  }
  const auto names = NamesOf(KeyOf(Person(1)));
  EXPECT_EQ(names.size(), 6U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(NamesOf(KeyOf(Person(0))).size(), 3U);
  EXPECT_TRUE(NamesOf(KeyOf(Person(7))).empty());
}

TEST_P(View, ReplacesAFactWithItsKeys) {
  const Fact withheld = Withheld(LeaveOf(Person(1), 1, 1));
  ASSERT_TRUE(view_->PutFact(withheld));
  EXPECT_TRUE(NamesOf(KeyOf(Person(1))).empty());
  // The payload arrives; then another reading of the same place; then it is erased.
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  EXPECT_EQ(NamesOf(KeyOf(Person(1))).size(), 1U);
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(2), 1, 1)));
  EXPECT_TRUE(NamesOf(KeyOf(Person(1))).empty());
  EXPECT_EQ(NamesOf(KeyOf(Person(2))).size(), 1U);
  ASSERT_TRUE(view_->PutFact(withheld));
  EXPECT_TRUE(NamesOf(KeyOf(Person(2))).empty());
  ExpectSame(**view_->FactAt(withheld.name, 0), withheld);
}

TEST_P(View, RejudgesOneStreamAndTellsWhatChanged) {
  constexpr std::uint64_t kFacts = 300;  // more than a page
  for (std::uint64_t index = 0; index < kFacts; ++index) {
    ASSERT_TRUE(view_->PutFact(LeaveOf(Person(index), 1, index)));
  }
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(0), 2, 0)));
  const StreamId stream = LeaveOf(Person(0), 1, 0).name.stream;
  const auto judge = [&](const Fact& fact) {
    EXPECT_EQ(fact.name.stream, stream);
    return fact.name.index % 100 == 99 ? SetAside::kRevoked : SetAside::kCounts;
  };
  const auto changed = view_->Rejudge(stream, judge);
  ASSERT_TRUE(changed);
  std::vector<std::uint64_t> indices;
  for (const Fact& fact : *changed) {
    EXPECT_EQ(fact.standing, SetAside::kRevoked);
    indices.push_back(fact.name.index);
  }
  EXPECT_EQ(indices, (std::vector<std::uint64_t>{99, 199, 299}));
  EXPECT_TRUE(view_->Rejudge(stream, judge)->empty());
  EXPECT_TRUE(view_->Rejudge(StreamId(), judge)->empty());

  std::vector<std::uint64_t> aside;
  ASSERT_TRUE(view_->VisitSetAside([&](const Fact& fact) {
    EXPECT_EQ(fact.standing, SetAside::kRevoked);
    aside.push_back(fact.name.index);
    return true;
  }));
  EXPECT_EQ(aside, (std::vector<std::uint64_t>{99, 199, 299}));
}

TEST_P(View, VisitsAllFactsByNameAndStopsWhenTold) {
  for (std::uint64_t stream = 1; stream <= 3; ++stream) {
    for (std::uint64_t index = 0; index < 300; ++index) {
      ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), stream, index)));
    }
  }
  std::vector<RecordName> names;
  ASSERT_TRUE(view_->VisitFacts([&](const Fact& fact) {
    // Visitors may use the store, this very function included.
    if (names.empty()) {
      EXPECT_TRUE(view_->VisitFacts([](const Fact&) { return false; }));
    }
    names.push_back(fact.name);
    return true;
  }));
  EXPECT_EQ(names.size(), 900U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  std::size_t visited = 0;
  ASSERT_TRUE(view_->VisitFacts([&](const Fact&) { return ++visited < 301; }));
  EXPECT_EQ(visited, 301U);
}

TEST_P(View, KeepsDerivedRowsByTableKeyAndGroup) {
  constexpr int kRows = 600;
  for (int number = kRows - 1; number >= 0; --number) {
    Bytes key;
    AppendU32(key, static_cast<std::uint32_t>(number));
    const DerivedRow row{key, number % 2 == 0 ? "even" : "odd", std::to_string(number)};
    ASSERT_TRUE(view_->PutDerived(DerivedTable::kOutcome, row));
  }
  const DerivedRow one_case{"k", "", ""};
  ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, one_case));
  std::vector<Bytes> all;
  ASSERT_TRUE(view_->VisitDerived(DerivedTable::kOutcome, [&](const DerivedRow& row) {
    all.push_back(row.value);
    return true;
  }));
  ASSERT_EQ(all.size(), std::size_t{kRows});
  EXPECT_EQ(all.front(), "0");
  EXPECT_EQ(all.back(), "599");
  int odd = 0;
  ASSERT_TRUE(view_->VisitGroup(DerivedTable::kOutcome, "odd", [&](const DerivedRow& row) {
    EXPECT_EQ(row.group, "odd");
    EXPECT_EQ(row.value, std::to_string(2 * odd + 1));
    return ++odd < 280;
  }));
  EXPECT_EQ(odd, 280);
  EXPECT_EQ(**view_->Derived(DerivedTable::kCase, "k"), one_case);
  EXPECT_FALSE(*view_->Derived(DerivedTable::kOutcome, "k"));
  ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, {"k", "g", "v"}));
  EXPECT_EQ((*view_->Derived(DerivedTable::kCase, "k"))->group, "g");
  ASSERT_TRUE(view_->EraseDerivedBelow(DerivedTable::kCase, "k"));
  EXPECT_FALSE(*view_->Derived(DerivedTable::kCase, "k"));
}

TEST_P(View, ErasesDerivedRowsBelowAPrefix) {
  const std::vector<Bytes> keys{"a", "a\xff", "a\xff\x01", "b", "\xff", "\xff\xff"};
  const auto left = [&](ByteView prefix) {
    EXPECT_TRUE(view_->Clear());
    for (const Bytes& key : keys) {
      EXPECT_TRUE(view_->PutDerived(DerivedTable::kCase, {key, "", ""}));
    }
    EXPECT_TRUE(view_->PutDerived(DerivedTable::kOutcome, {"a", "", ""}));
    EXPECT_TRUE(view_->EraseDerivedBelow(DerivedTable::kCase, prefix));
    EXPECT_TRUE(*view_->Derived(DerivedTable::kOutcome, "a"));
    std::vector<Bytes> rest;
    EXPECT_TRUE(view_->VisitDerived(DerivedTable::kCase, [&](const DerivedRow& row) {
      rest.push_back(row.key);
      return true;
    }));
    return rest;
  };
  EXPECT_EQ(left("a"), (std::vector<Bytes>{"b", "\xff", "\xff\xff"}));
  EXPECT_EQ(left("a\xff"), (std::vector<Bytes>{"a", "b", "\xff", "\xff\xff"}));
  EXPECT_EQ(left("\xff"), (std::vector<Bytes>{"a", "a\xff", "a\xff\x01", "b"}));
  EXPECT_EQ(left("c").size(), keys.size());
}

TEST_P(View, DigestDependsOnTheSetAlone) {
  std::vector<Fact> facts;
  for (std::uint64_t stream = 1; stream <= 4; ++stream) {
    for (std::uint64_t index = 0; index < 4; ++index) {
      facts.push_back(LeaveOf(Person(index), stream, index));
    }
  }
  // A fork: which branch was met first must not show.
  Fact left = LeaveOf(Person(8), 1, 9);
  Fact right = LeaveOf(Person(9), 1, 9);
  const std::vector<DerivedRow> rows{{"a", "g", "1"}, {"b", "", "2"}};
  std::vector<Hash> digests;
  for (int round = 0; round < 2; ++round) {
    left.branch = round == 0 ? 0 : 1;
    right.branch = round == 0 ? 1 : 0;
    ASSERT_TRUE(view_->Clear());
    for (const Fact& fact : facts) {
      ASSERT_TRUE(view_->PutFact(fact));
    }
    ASSERT_TRUE(view_->PutFact(left));
    ASSERT_TRUE(view_->PutFact(right));
    for (const DerivedRow& row : rows) {
      ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, row));
    }
    digests.push_back(*view_->Digest());
    std::reverse(facts.begin(), facts.end());
  }
  EXPECT_EQ(digests[0], digests[1]);

  // Any difference shows.
  Fact judged = facts.front();
  judged.standing = SetAside::kRevoked;
  ASSERT_TRUE(view_->PutFact(judged));
  digests.push_back(*view_->Digest());
  ASSERT_TRUE(view_->PutFact(Withheld(facts.front())));
  digests.push_back(*view_->Digest());
  ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, {"a", "g", "x"}));
  digests.push_back(*view_->Digest());
  ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, {"a", "gx", ""}));
  digests.push_back(*view_->Digest());
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::unique(digests.begin(), digests.end()) - digests.begin(), 5);
}

TEST_P(View, RollsBackWithTheLog) {
  ASSERT_TRUE(sql_->Begin());
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  ASSERT_TRUE(view_->PutVersion(3));
  sql_->Rollback();
  EXPECT_TRUE(NamesOf(KeyOf(Person(1))).empty());
  EXPECT_FALSE(*view_->Version());
}

TEST_P(View, StaysInTheFileOrGoesWithTheConnection) {
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  ASSERT_TRUE(view_->PutVersion(3));
  ASSERT_TRUE(view_->OpenSchema(place()));
  EXPECT_EQ(*view_->Version(), 3U);
  Reopen();
  OpenView();
  const bool stays = GetParam() != SqliteKind::kCell;
  EXPECT_EQ(NamesOf(KeyOf(Person(1))).size(), stays ? 1U : 0U);
  EXPECT_EQ(view_->Version()->has_value(), stays);
  ASSERT_TRUE(view_->Clear());
  EXPECT_FALSE(*view_->Version());
  EXPECT_TRUE(NamesOf(KeyOf(Person(1))).empty());
}

TEST_P(View, IsMadeAnewWhenItsTablesAreOfAnotherVersion) {
  ASSERT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  ASSERT_TRUE(view_->PutVersion(3));
  ASSERT_TRUE(
      sql_->Execute("UPDATE view_state SET value = 99 WHERE name = 'tables'; "
                    "ALTER TABLE fact RENAME COLUMN payload TO other_name;"));
  ASSERT_TRUE(view_->OpenSchema(place()));
  EXPECT_FALSE(*view_->Version());
  EXPECT_TRUE(view_->PutFact(LeaveOf(Person(1), 1, 1)));
  EXPECT_EQ(NamesOf(KeyOf(Person(1))).size(), 1U);
}

TEST_P(View, TellsADerivedRowThatHasChangedFromTheOneThatWasPut) {
  for (const char* change : {"key = x'6b'", "part = x'67'", "value = x'ff'", "sum = 1"}) {
    ASSERT_TRUE(view_->PutDerived(DerivedTable::kCase, {"key", "group", "value"}));
    ASSERT_TRUE(sql_->Execute(std::string("UPDATE derived SET ") + change + ";"));
    const auto all =
        view_->VisitDerived(DerivedTable::kCase, [](const DerivedRow&) { return true; });
    ASSERT_FALSE(all) << change;
    EXPECT_EQ(all.error().reason, "view_damaged") << change;
    ASSERT_TRUE(sql_->Execute("DELETE FROM derived;"));
  }
}

TEST_P(View, LooksFactsUpByKeyWithoutAScan) {
  auto query =
      Query::Make(*sql_,
                  "EXPLAIN QUERY PLAN SELECT f.payload FROM fact_key k "
                  "JOIN fact f ON f.stream_no = k.stream_no AND f.idx = k.idx "
                  "AND f.position = k.position AND f.branch = k.branch "
                  "JOIN view_stream s ON s.no = k.stream_no WHERE k.type = 1 AND k.id = 2");
  ASSERT_TRUE(query);
  while (*query->Step()) {
    EXPECT_TRUE(query->BytesAt(3).starts_with("SEARCH")) << query->BytesAt(3);
  }
}

// Tables are made unit by unit: going through everybody for each would be the square of a province.
TEST_P(View, LooksAGroupsRowsUpWithoutGoingThroughTheOthers) {
  const std::string explained = "EXPLAIN QUERY PLAN " + std::string(kDerivedOfGroup);
  auto query = Query::Make(*sql_, explained, 1, Bytes("group"), Bytes("key"), 10);
  ASSERT_TRUE(query);
  bool by_group = false;
  while (*query->Step()) {
    const ByteView step = query->BytesAt(3);
    by_group = by_group || step.find("(kind=? AND part=? AND key>?)") != ByteView::npos;
    EXPECT_EQ(step.find("PRIMARY KEY (kind=? AND key>?)"), ByteView::npos) << step;
    EXPECT_FALSE(step.starts_with("SCAN")) << step;
  }
  EXPECT_TRUE(by_group);
}

CHIBO_FOR_EVERY_STORE(View);

}  // namespace
}  // namespace chibo::test
