#include "storage/view_store.h"

#include <algorithm>
#include <array>

#include "base/planted.h"
#include "proto/crypto.h"
#include "proto/record.h"
#include "storage/query.h"
#include "storage/schema.h"

namespace chibo {
namespace {

// FactAt below reads them in this order.
#define CHIBO_FACT_COLUMNS                                                                     \
  "f.idx, f.position, f.branch, f.standing, f.kind, f.reach, f.stream_kind, f.unit, f.other, " \
  "f.claimed_ms, f.pack, f.content, f.payload"

Result<Fact> ReadFact(const Query& query, const StreamId& stream, ParsedRecords& records) {
  Fact fact;
  fact.name = RecordName{stream, query.UnsignedAt(0), query.UnsignedAt<std::uint32_t>(1)};
  fact.branch = query.UnsignedAt<std::uint32_t>(2);
  fact.standing = static_cast<SetAside>(query.Int(3));
  fact.kind = query.UnsignedAt<std::uint32_t>(4);
  fact.reach = static_cast<pb::Reach>(query.Int(5));
  fact.stream_kind = static_cast<pb::StreamKind>(query.Int(6));
  CHIBO_TRY_VALUE(fact.unit, query.FixedAt<UnitId>(7));
  CHIBO_TRY_VALUE(fact.other, query.FixedAt<UnitId>(8));
  fact.claimed = Timestamp(Duration(query.Int(9)));
  fact.pack = Bytes(query.BytesAt(10));
  CHIBO_TRY_VALUE(fact.content, query.FixedAt<Hash>(11));
  if (query.IsNull(12)) {
    return fact;
  }
  fact.record = records.Find(fact.content);
  if (fact.record == nullptr) {
    const ByteView payload = query.BytesAt(12);
    auto record = ParseRecord(fact.kind, payload);
    if (!record) {
      return Fail(Code::kDamaged, "view_damaged", ToString(fact.name));
    }
    fact.record = std::make_shared<const pb::Record>(*std::move(record));
    records.Put(fact.content, fact.record, payload.size());
  }
  return fact;
}

struct NumberedStream {
  std::int64_t no = 0;
  StreamId id;
};

Result<std::optional<std::int64_t>> NumberOf(SqlConnection& sql, const StreamId& id) {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql, "SELECT no FROM view_stream WHERE id = $1", id));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  return found ? std::optional(query.Int(0)) : std::nullopt;
}

Result<std::int64_t> NumberFor(SqlConnection& sql, const StreamId& id) {
  CHIBO_TRY_VALUE(const auto known, NumberOf(sql, id));
  if (known) {
    return *known;
  }
  CHIBO_TRY(Query::Run(
      sql, "INSERT INTO view_stream(no, id) SELECT COALESCE(MAX(no), 0) + 1, $1 FROM view_stream",
      id));
  CHIBO_TRY_VALUE(const auto added, NumberOf(sql, id));
  CHECK(added);
  return *added;
}

Result<std::vector<NumberedStream>> StreamsById(SqlConnection& sql) {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql, "SELECT no, id FROM view_stream ORDER BY id"));
  std::vector<NumberedStream> streams;
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return streams;
    }
    CHIBO_TRY_VALUE(const auto id, query.FixedAt<StreamId>(1));
    streams.push_back({query.Int(0), id});
  }
}

// Calls `visit` with the facts of one stream, in pages; stops when it says false.
template <typename Visit>
Result<bool> VisitStream(SqlConnection& sql, ParsedRecords& records, std::string_view text,
                         const NumberedStream& stream, const Visit& visit) {
  std::array<std::int64_t, 3> after{-1, -1, -1};
  while (true) {
    std::vector<Fact> page;
    {
      CHIBO_TRY_VALUE(Query query,
                      Query::Make(sql, text, stream.no, after[0], after[1], after[2], kPageRows));
      CHIBO_TRY_VALUE(bool found, query.Step());
      while (found) {
        CHIBO_TRY_VALUE(page.emplace_back(), ReadFact(query, stream.id, records));
        after = {query.Int(0), query.Int(1), query.Int(2)};
        CHIBO_TRY_VALUE(found, query.Step());
      }
    }
    for (const Fact& fact : page) {
      CHIBO_TRY_VALUE(const bool go_on, visit(fact));
      if (!go_on) {
        return false;
      }
    }
    if (page.size() < kPageRows) {
      return true;
    }
  }
}

constexpr std::string_view kFactsOfStream =
    "SELECT " CHIBO_FACT_COLUMNS
    " FROM fact f WHERE f.stream_no = $1 AND (f.idx, f.position, f.branch) > ($2, $3, $4) "
    "ORDER BY f.idx, f.position, f.branch LIMIT $5";
constexpr std::string_view kSetAsideOfStream =
    "SELECT " CHIBO_FACT_COLUMNS
    " FROM fact f WHERE f.stream_no = $1 AND (f.idx, f.position, f.branch) > ($2, $3, $4) "
    "AND f.standing <> 0 ORDER BY f.idx, f.position, f.branch LIMIT $5";

Status VisitAll(SqlConnection& sql, ParsedRecords& records, std::string_view text,
                const std::function<bool(const Fact&)>& visit) {
  CHIBO_TRY_VALUE(const auto streams, StreamsById(sql));
  for (const NumberedStream& stream : streams) {
    CHIBO_TRY_VALUE(const bool go_on,
                    VisitStream(sql, records, text, stream,
                                [&](const Fact& fact) -> Result<bool> { return visit(fact); }));
    if (!go_on) {
      return {};
    }
  }
  return {};
}

Status PutKeys(SqlConnection& sql, std::int64_t stream_no, const Fact& fact) {
  for (const FactKey& key : KeysOf(fact)) {
    CHIBO_TRY(Query::Run(sql,
                         "INSERT INTO fact_key(type, id, stream_no, idx, position, branch) "
                         "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                         static_cast<int>(key.type), key.id, stream_no, fact.name.index,
                         fact.name.position, fact.branch));
  }
  return {};
}

Status EraseFact(SqlConnection& sql, std::int64_t stream_no, const Fact& fact) {
  for (const FactKey& key : KeysOf(fact)) {
    CHIBO_TRY(Query::Run(sql,
                         "DELETE FROM fact_key WHERE type = $1 AND id = $2 AND stream_no = $3 "
                         "AND idx = $4 AND position = $5 AND branch = $6",
                         static_cast<int>(key.type), key.id, stream_no, fact.name.index,
                         fact.name.position, fact.branch));
  }
  return Query::Run(sql,
                    "DELETE FROM fact WHERE stream_no = $1 AND idx = $2 AND position = $3 "
                    "AND branch = $4",
                    stream_no, fact.name.index, fact.name.position, fact.branch);
}

Status UpdateStanding(SqlConnection& sql, std::int64_t stream_no, const Fact& fact,
                      SetAside standing) {
  return Query::Run(sql,
                    "UPDATE fact SET standing = $5 WHERE stream_no = $1 AND idx = $2 "
                    "AND position = $3 AND branch = $4",
                    stream_no, fact.name.index, fact.name.position, fact.branch,
                    static_cast<int>(standing));
}

// False when a fact is at that place already.
Result<bool> InsertFact(SqlConnection& sql, ParsedRecords& records, std::int64_t stream_no,
                        const Fact& fact) {
  std::optional<Bytes> payload;
  if (fact.record != nullptr) {
    payload = PayloadOf(*fact.record);
    records.Put(fact.content, fact.record, payload->size());
  }
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql,
                  "INSERT INTO fact(stream_no, idx, position, branch, standing, kind, reach, "
                  "stream_kind, unit, other, claimed_ms, pack, content, payload) "
                  "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
                  "ON CONFLICT DO NOTHING RETURNING idx",
                  stream_no, fact.name.index, fact.name.position, fact.branch,
                  static_cast<int>(fact.standing), fact.kind, static_cast<int>(fact.reach),
                  static_cast<int>(fact.stream_kind), fact.unit, fact.other,
                  static_cast<std::int64_t>(fact.claimed.time_since_epoch().count()), fact.pack,
                  fact.content, payload));
  return query.Step();
}

void AppendSized(Bytes& out, ByteView bytes) {
  AppendVarint(out, bytes.size());
  out.append(bytes);
}

// By it a row that has changed on the disk is told from what was put there: numbers are counted
// from these rows, and a changed one is as good a number.
std::int64_t SumOf(DerivedTable table, ByteView key, ByteView group, ByteView value) {
  Bytes row;
  AppendVarint(row, static_cast<std::uint64_t>(table));
  AppendSized(row, key);
  AppendSized(row, group);
  const Hash hash = Sha256({row, value});
  return static_cast<std::int64_t>(ReadU64(hash.view().substr(0, 8)) & kSqlIntMax);
}

// Derived rows in pages after `after`; `part` narrows to one group.
Result<std::vector<DerivedRow>> DerivedPage(DerivedTable table, Result<Query> made) {
  CHIBO_TRY_VALUE(Query query, std::move(made));
  std::vector<DerivedRow> page;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    if (query.Int(3) != SumOf(table, query.BytesAt(0), query.BytesAt(1), query.BytesAt(2))) {
      return Fail(Code::kDamaged, "view_damaged", "derived");
    }
    page.push_back({Bytes(query.BytesAt(0)), Bytes(query.BytesAt(1)), Bytes(query.BytesAt(2))});
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return page;
}

template <typename NextPage>
Status VisitPages(const NextPage& next_page, const std::function<bool(const DerivedRow&)>& visit) {
  Bytes after;
  while (true) {
    CHIBO_TRY_VALUE(const auto page, next_page(after));
    for (const DerivedRow& row : page) {
      if (!visit(row)) {
        return {};
      }
    }
    if (page.size() < kPageRows) {
      return {};
    }
    after = page.back().key;
  }
}

}  // namespace

Status ViewStore::OpenSchema(Place place) { return CreateView(sql_, place == Place::kMemory); }

Status ViewStore::Clear() {
  CHIBO_TRY(sql_.Execute(
      "DELETE FROM derived; DELETE FROM fact_key; DELETE FROM fact; DELETE FROM view_stream;"));
  return Query::Run(sql_, "DELETE FROM view_state WHERE name = $1", SqlText{"projection"});
}

Status ViewStore::PutVersion(std::uint32_t projection) {
  return Query::Run(sql_,
                    "INSERT INTO view_state(name, value) VALUES($1, $2) "
                    "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                    SqlText{"projection"}, projection);
}

Result<std::optional<std::uint32_t>> ViewStore::Version() const {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql_, "SELECT value FROM view_state WHERE name = $1",
                                           SqlText{"projection"}));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  return found ? std::optional(query.UnsignedAt<std::uint32_t>(0)) : std::nullopt;
}

// ---- Facts

Status ViewStore::PutFacts(std::span<const Fact> facts) {
  std::optional<NumberedStream> stream;
  for (const Fact& fact : facts) {
    if (!stream || stream->id != fact.name.stream) {
      CHIBO_TRY_VALUE(const std::int64_t no, NumberFor(sql_, fact.name.stream));
      stream = NumberedStream{no, fact.name.stream};
    }
    if (CHIBO_PLANT(
            kSetAsideDropped, false,
            fact.standing != SetAside::kCounts && fact.standing != SetAside::kCertificateUnknown)) {
      continue;
    }
    CHIBO_TRY_VALUE(bool inserted, InsertFact(sql_, records_, stream->no, fact));
    if (!inserted) {
      CHIBO_TRY_VALUE(const auto old, FactAt(fact.name, fact.branch));
      CHECK(old);
      CHIBO_TRY(EraseFact(sql_, stream->no, *old));
      CHIBO_TRY_VALUE(inserted, InsertFact(sql_, records_, stream->no, fact));
    }
    CHIBO_TRY(PutKeys(sql_, stream->no, fact));
  }
  return {};
}

Status ViewStore::PutStanding(const Fact& fact, SetAside standing) {
  CHIBO_TRY_VALUE(const auto no, NumberOf(sql_, fact.name.stream));
  CHECK(no);
  return UpdateStanding(sql_, *no, fact, standing);
}

Result<std::vector<Fact>> ViewStore::Rejudge(const StreamId& stream,
                                             const std::function<SetAside(const Fact&)>& judge) {
  CHIBO_TRY_VALUE(const auto no, NumberOf(sql_, stream));
  std::vector<Fact> changed;
  if (!no) {
    return changed;
  }
  const auto rejudge = [&](const Fact& fact) -> Result<bool> {
    const SetAside standing = judge(fact);
    if (standing == fact.standing) {
      return true;
    }
    changed.push_back(fact);
    changed.back().standing = standing;
    CHIBO_TRY(UpdateStanding(sql_, *no, fact, standing));
    return true;
  };
  CHIBO_TRY(VisitStream(sql_, records_, kFactsOfStream, NumberedStream{*no, stream}, rejudge));
  return changed;
}

Result<std::vector<Fact>> ViewStore::FactsOf(const FactKey& key) const {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_,
                  "SELECT " CHIBO_FACT_COLUMNS ", s.id FROM fact_key k "
                  "JOIN fact f ON f.stream_no = k.stream_no AND f.idx = k.idx "
                  "AND f.position = k.position AND f.branch = k.branch "
                  "JOIN view_stream s ON s.no = k.stream_no WHERE k.type = $1 AND k.id = $2",
                  static_cast<int>(key.type), key.id));
  std::vector<Fact> facts;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    CHIBO_TRY_VALUE(const auto stream, query.FixedAt<StreamId>(13));
    CHIBO_TRY_VALUE(facts.emplace_back(), ReadFact(query, stream, records_));
    CHIBO_TRY_VALUE(found, query.Step());
  }
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) {
    return std::tie(a.name, a.branch) < std::tie(b.name, b.branch);
  });
  return facts;
}

Result<std::optional<Fact>> ViewStore::FactAt(const RecordName& name, std::uint32_t branch) const {
  CHIBO_TRY_VALUE(const auto no, NumberOf(sql_, name.stream));
  if (!no) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(Query query, Query::Make(sql_,
                                           "SELECT " CHIBO_FACT_COLUMNS
                                           " FROM fact f WHERE f.stream_no = $1 AND f.idx = $2 "
                                           "AND f.position = $3 AND f.branch = $4",
                                           *no, SqlBound(name.index), name.position, branch));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return std::nullopt;
  }
  return ReadFact(query, name.stream, records_);
}

Status ViewStore::VisitSetAside(const std::function<bool(const Fact&)>& visit) const {
  return VisitAll(sql_, records_, kSetAsideOfStream, visit);
}

Status ViewStore::VisitFacts(const std::function<bool(const Fact&)>& visit) const {
  return VisitAll(sql_, records_, kFactsOfStream, visit);
}

// ---- Derived rows

Status ViewStore::PutDerived(DerivedTable table, const DerivedRow& row) {
  // Pages begin after a key, the first after the empty one.
  CHECK(!row.key.empty());
  return Query::Run(sql_,
                    "INSERT INTO derived(kind, key, part, value, sum) VALUES($1, $2, $3, $4, $5) "
                    "ON CONFLICT(kind, key) DO UPDATE SET part = excluded.part, "
                    "value = excluded.value, sum = excluded.sum",
                    static_cast<int>(table), row.key, row.group, row.value,
                    SumOf(table, row.key, row.group, row.value));
}

Status ViewStore::EraseDerivedBelow(DerivedTable table, ByteView prefix) {
  // The first key that does not begin with the prefix; none after one of 0xff alone.
  Bytes past(prefix);
  while (!past.empty() && past.back() == '\xff') {
    past.pop_back();
  }
  if (past.empty()) {
    return Query::Run(sql_, "DELETE FROM derived WHERE kind = $1 AND key >= $2",
                      static_cast<int>(table), prefix);
  }
  past.back() = static_cast<char>(past.back() + 1);
  return Query::Run(sql_, "DELETE FROM derived WHERE kind = $1 AND key >= $2 AND key < $3",
                    static_cast<int>(table), prefix, past);
}

Result<std::optional<DerivedRow>> ViewStore::Derived(DerivedTable table, ByteView key) const {
  CHIBO_TRY_VALUE(
      auto rows,
      DerivedPage(
          table, Query::Make(
                     sql_, "SELECT key, part, value, sum FROM derived WHERE kind = $1 AND key = $2",
                     static_cast<int>(table), key)));
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

Status ViewStore::VisitDerived(DerivedTable table,
                               const std::function<bool(const DerivedRow&)>& visit) const {
  return VisitPages(
      [&](ByteView after) {
        return DerivedPage(table,
                           Query::Make(sql_,
                                       "SELECT key, part, value, sum FROM derived WHERE kind = $1 "
                                       "AND key > $2 ORDER BY key LIMIT $3",
                                       static_cast<int>(table), after, kPageRows));
      },
      visit);
}

Status ViewStore::VisitGroup(DerivedTable table, ByteView group,
                             const std::function<bool(const DerivedRow&)>& visit) const {
  return VisitPages(
      [&](ByteView after) {
        return DerivedPage(table, Query::Make(sql_, kDerivedOfGroup, static_cast<int>(table), group,
                                              after, kPageRows));
      },
      visit);
}

Result<Hash> ViewStore::Digest() const {
  Hash digest;
  Bytes row;
  const auto take = [&] {
    digest = Sha256({digest.view(), row});
    row.clear();
  };
  CHIBO_TRY_VALUE(const auto streams, StreamsById(sql_));
  for (const NumberedStream& stream : streams) {
    CHIBO_TRY_VALUE(Query query,
                    Query::Make(sql_,
                                "SELECT idx, position, content, standing FROM fact "
                                "WHERE stream_no = $1 ORDER BY idx, position, content, standing",
                                stream.no));
    CHIBO_TRY_VALUE(bool found, query.Step());
    while (found) {
      row.append("fact").append(stream.id.view());
      AppendU64(row, query.UnsignedAt(0));
      AppendU32(row, query.UnsignedAt<std::uint32_t>(1));
      row.append(query.BytesAt(2));
      AppendVarint(row, query.UnsignedAt(3));
      take();
      CHIBO_TRY_VALUE(found, query.Step());
    }
  }
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT kind, key, part, value FROM derived ORDER BY kind, key"));
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    row.append("derived");
    AppendVarint(row, query.UnsignedAt(0));
    AppendSized(row, query.BytesAt(1));
    AppendSized(row, query.BytesAt(2));
    AppendSized(row, query.BytesAt(3));
    take();
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return digest;
}

}  // namespace chibo
