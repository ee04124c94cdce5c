// The log store's smaller books: checkpoints, register entries, outbox, named values.
#include <algorithm>

#include "storage/log_store.h"
#include "storage/query.h"

namespace chibo {
namespace {

constexpr std::string_view kSealedPrefix = "secret/";

// Part of the stored form: a change makes old values unreadable.
Bytes ValuePlace(std::string_view key) { return Bytes("value/").append(key); }

Result<std::optional<Checkpoint>> CheckpointIn(Result<Query> made) {
  CHIBO_TRY_VALUE(Query query, std::move(made));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const auto signature, query.FixedAt<Signature>(1));
  return Checkpoint{query.UnsignedAt(0), signature};
}

Result<std::vector<Registered>> RegisteredIn(Result<Query> made) {
  CHIBO_TRY_VALUE(Query query, std::move(made));
  std::vector<Registered> rows;
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return rows;
    }
    Registered row;
    CHIBO_TRY_VALUE(const auto stream, query.FixedAt<StreamId>(0));
    CHIBO_TRY_VALUE(row.by, query.FixedAt<UnitId>(1));
    CHIBO_TRY_VALUE(const auto root, query.FixedAt<Hash>(3));
    CHIBO_TRY_VALUE(const auto name_stream, query.FixedAt<StreamId>(5));
    row.at = Position{stream, query.UnsignedAt(2), root};
    row.time_ms = query.Int(4);
    row.name = RecordName{name_stream, query.UnsignedAt(6), query.UnsignedAt<std::uint32_t>(7)};
    rows.push_back(row);
  }
}

}  // namespace

// ---- Checkpoints

Status LogStore::PutCheckpoint(StreamNo no, std::uint32_t branch, const Checkpoint& checkpoint) {
  return Query::Run(sql_,
                    "INSERT INTO checkpoint(stream_no, branch, size, signature) "
                    "VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    no, branch, checkpoint.size, checkpoint.signature);
}

Result<std::optional<Checkpoint>> LogStore::CheckpointAtMost(StreamNo no, std::uint32_t branch,
                                                             std::uint64_t size) const {
  static constexpr std::string_view kText =
      "SELECT size, signature FROM checkpoint WHERE stream_no = $1 AND branch = $2 "
      "AND size <= $3 ORDER BY size DESC LIMIT 1";
  CHIBO_TRY_VALUE(const auto segments, SegmentsOf(no, branch));
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    CHIBO_TRY_VALUE(const auto found,
                    CheckpointIn(Query::Make(sql_, kText, no, segment->holder,
                                             SqlBound(std::min(size, segment->end)))));
    if (found) {
      return found;
    }
  }
  return std::nullopt;
}

Result<std::optional<Checkpoint>> LogStore::CheckpointAtLeast(StreamNo no, std::uint32_t branch,
                                                              std::uint64_t size) const {
  static constexpr std::string_view kText =
      "SELECT size, signature FROM checkpoint WHERE stream_no = $1 AND branch = $2 "
      "AND size >= $3 AND size <= $4 ORDER BY size LIMIT 1";
  CHIBO_TRY_VALUE(const auto segments, SegmentsOf(no, branch));
  for (const Segment& segment : segments) {
    CHIBO_TRY_VALUE(const auto found, CheckpointIn(Query::Make(sql_, kText, no, segment.holder,
                                                               SqlBound(size), segment.end)));
    if (found) {
      return found;
    }
  }
  return std::nullopt;
}

// ---- Register entries

Status LogStore::PutRegistered(const Registered& registered) {
  return Query::Run(
      sql_,
      "INSERT INTO registered(stream, unit, size, root, time_ms, name_stream, name_idx, "
      "name_position) VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(stream, unit, root) DO "
      "UPDATE SET time_ms = excluded.time_ms, name_stream = excluded.name_stream, "
      "name_idx = excluded.name_idx, name_position = excluded.name_position WHERE "
      "(excluded.time_ms, excluded.name_stream, excluded.name_idx, excluded.name_position) < "
      "(registered.time_ms, registered.name_stream, registered.name_idx, "
      "registered.name_position)",
      registered.at.stream, registered.by, registered.at.size, registered.at.root,
      registered.time_ms, registered.name.stream, registered.name.index, registered.name.position);
}

Status LogStore::DropRegistered(const Registered& registered) {
  return Query::Run(sql_, "DELETE FROM registered WHERE stream = $1 AND unit = $2 AND root = $3",
                    registered.at.stream, registered.by, registered.at.root);
}

Result<std::vector<Registered>> LogStore::RegisteredOf(const StreamId& stream) const {
  return RegisteredIn(
      Query::Make(sql_,
                  "SELECT stream, unit, size, root, time_ms, name_stream, name_idx, name_position "
                  "FROM registered WHERE stream = $1 ORDER BY unit, size, root",
                  stream));
}

Result<std::vector<Registered>> LogStore::AllRegistered() const {
  return RegisteredIn(
      Query::Make(sql_,
                  "SELECT stream, unit, size, root, time_ms, name_stream, name_idx, name_position "
                  "FROM registered ORDER BY stream, unit, root"));
}

// ---- Outbox

Result<std::uint64_t> LogStore::AppendOutbox(const UnitId& unit, StreamNo stream,
                                             std::uint32_t branch, std::uint64_t from,
                                             std::uint64_t to) {
  CHIBO_TRY_VALUE(const std::uint64_t head, OutboxHead(unit));
  CHIBO_TRY(Query::Run(sql_,
                       "INSERT INTO outbox(unit, seq, stream_no, branch, from_idx, to_idx) "
                       "VALUES($1, $2, $3, $4, $5, $6)",
                       unit, head + 1, stream, branch, from, to));
  return head + 1;
}

Result<std::vector<OutboxItem>> LogStore::ReadOutbox(const UnitId& unit, std::uint64_t after,
                                                     std::size_t count_max) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_,
                              "SELECT seq, stream_no, branch, from_idx, to_idx FROM outbox "
                              "WHERE unit = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                              unit, SqlBound(after), SqlBound(count_max)));
  std::vector<OutboxItem> items;
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return items;
    }
    items.push_back({query.UnsignedAt(0), query.Int(1), query.UnsignedAt<std::uint32_t>(2),
                     query.UnsignedAt(3), query.UnsignedAt(4)});
  }
}

Result<std::uint64_t> LogStore::OutboxHead(const UnitId& unit) const {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT COALESCE(MAX(seq), 0) FROM outbox WHERE unit = $1", unit));
  CHIBO_TRY(query.Step());
  return query.UnsignedAt(0);
}

// ---- Values

Status LogStore::PutValue(std::string_view key, ByteView value) {
  static constexpr std::string_view kText =
      "INSERT INTO node_value(key, value) VALUES($1, $2) "
      "ON CONFLICT(key) DO UPDATE SET value = excluded.value";
  if (key.starts_with(kSealedPrefix)) {
    return Query::Run(sql_, kText, SqlText{key}, at_rest_.Protect(ValuePlace(key), value));
  }
  return Query::Run(sql_, kText, SqlText{key}, value);
}

Result<std::optional<Bytes>> LogStore::Value(std::string_view key) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_, "SELECT value FROM node_value WHERE key = $1", SqlText{key}));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return std::nullopt;
  }
  if (!key.starts_with(kSealedPrefix)) {
    return Bytes(query.BytesAt(0));
  }
  auto plain = at_rest_.Reveal(ValuePlace(key), query.BytesAt(0));
  if (!plain) {
    return Fail(Code::kDamaged, "value_unreadable", std::string(key));
  }
  return *std::move(plain);
}

Status LogStore::EraseValue(std::string_view key) {
  return Query::Run(sql_, "DELETE FROM node_value WHERE key = $1", SqlText{key});
}

Result<std::vector<std::string>> LogStore::KeysBelow(std::string_view prefix) const {
  std::string past(prefix);
  CHECK(!past.empty());
  past.back() = static_cast<char>(past.back() + 1);
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT key FROM node_value WHERE key >= $1 AND key < $2 ORDER BY key",
                  SqlText{prefix}, SqlText{past}));
  std::vector<std::string> keys;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    keys.emplace_back(query.BytesAt(0));
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return keys;
}

}  // namespace chibo
