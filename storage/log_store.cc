#include "storage/log_store.h"

#include <algorithm>

#include "storage/places.h"
#include "storage/query.h"
#include "storage/schema.h"

namespace chibo {
namespace {

Result<StreamRow> StreamAt(const Query& query) {
  CHIBO_TRY_VALUE(const auto id, query.FixedAt<StreamId>(1));
  return StreamRow{query.Int(0), id, query.Int(2) != 0, Bytes(query.BytesAt(3))};
}

Result<BranchRow> BranchAt(const Query& query) {
  BranchRow row;
  row.branch = query.UnsignedAt<std::uint32_t>(0);
  row.parent = query.UnsignedAt<std::uint32_t>(1);
  row.fork_at = query.UnsignedAt(2);
  auto peaks = MerklePeaks::Decode(query.UnsignedAt(3), query.BytesAt(4));
  if (!peaks || (row.branch == 0 ? row.parent != 0 : row.parent >= row.branch)) {
    return Fail(Code::kDamaged, "store_row_malformed");
  }
  row.peaks = *std::move(peaks);
  row.signed_size = query.UnsignedAt(5);
  if (!query.IsNull(6)) {
    CHIBO_TRY_VALUE(row.signature, query.FixedAt<Signature>(6));
  }
  return row;
}

Result<StreamId> IdOf(SqlConnection& sql, StreamNo no) {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql, "SELECT id FROM stream WHERE no = $1", no));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return Fail(Code::kNotFound, "stream_not_found", std::to_string(no));
  }
  return query.FixedAt<StreamId>(0);
}

tl::unexpected<Error> DamagedEntry(std::string_view reason, const StreamId& stream,
                                   std::uint64_t index) {
  return Fail(Code::kDamaged, reason, PlaceOf(stream, index));
}

}  // namespace

std::string PlaceOf(const StreamId& stream, std::uint64_t index) {
  return stream.hex() + "/" + std::to_string(index);
}

// What opening and checking an entry of a stream takes.
struct LogStore::StreamKeys {
  StreamId id;
  StreamSecrets secrets;
};

Status LogStore::OpenSchema() { return MigrateLog(sql_); }

// ---- Streams

Result<StreamNo> LogStore::AddStream(const StreamId& id, bool own, ByteView genesis) {
  CHIBO_TRY_VALUE(const auto known, FindStream(id));
  if (known) {
    return known->no;
  }
  StreamNo no = 0;
  {
    CHIBO_TRY_VALUE(Query query, Query::Make(sql_, "SELECT COALESCE(MAX(no), 0) + 1 FROM stream"));
    CHIBO_TRY(query.Step());
    no = query.Int(0);
  }
  CHIBO_TRY(Query::Run(sql_, "INSERT INTO stream(no, id, own, genesis) VALUES($1, $2, $3, $4)", no,
                       id, own ? 1 : 0, genesis));
  return no;
}

Result<std::optional<StreamRow>> LogStore::FindStream(const StreamId& id) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_, "SELECT no, id, own, genesis FROM stream WHERE id = $1", id));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return std::nullopt;
  }
  return StreamAt(query);
}

Result<StreamRow> LogStore::GetStream(StreamNo no) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_, "SELECT no, id, own, genesis FROM stream WHERE no = $1", no));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  if (!found) {
    return Fail(Code::kNotFound, "stream_not_found", std::to_string(no));
  }
  return StreamAt(query);
}

Result<std::vector<StreamRow>> LogStore::Streams() const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_, "SELECT no, id, own, genesis FROM stream ORDER BY no"));
  std::vector<StreamRow> rows;
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return rows;
    }
    CHIBO_TRY_VALUE(rows.emplace_back(), StreamAt(query));
  }
}

Result<std::vector<BranchRow>> LogStore::Branches(StreamNo no) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_,
                              "SELECT branch, parent, fork_at, size, peaks, signed_size, "
                              "signature FROM branch WHERE stream_no = $1 ORDER BY branch",
                              no));
  std::vector<BranchRow> rows;
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return rows;
    }
    CHIBO_TRY_VALUE(rows.emplace_back(), BranchAt(query));
  }
}

Status LogStore::PutBranch(StreamNo no, const BranchRow& row) {
  return Query::Run(
      sql_,
      "INSERT INTO branch(stream_no, branch, parent, fork_at, size, peaks, signed_size, signature) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(stream_no, branch) DO UPDATE SET "
      "parent = excluded.parent, fork_at = excluded.fork_at, size = excluded.size, "
      "peaks = excluded.peaks, signed_size = excluded.signed_size, signature = excluded.signature",
      no, row.branch, row.parent, row.fork_at, row.peaks.size(), row.peaks.Encode(),
      row.signed_size, row.signature);
}

Result<std::vector<LogStore::Segment>> LogStore::SegmentsOf(StreamNo no,
                                                            std::uint32_t branch) const {
  std::vector<Segment> segments{{branch, kSqlIntMax}};
  while (segments.back().holder != 0) {
    const Segment upper = segments.back();
    CHIBO_TRY_VALUE(Query query, Query::Make(sql_,
                                             "SELECT parent, fork_at FROM branch "
                                             "WHERE stream_no = $1 AND branch = $2",
                                             no, upper.holder));
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return Fail(Code::kNotFound, "branch_not_found", std::to_string(upper.holder));
    }
    const auto parent = query.UnsignedAt<std::uint32_t>(0);
    if (parent >= upper.holder) {
      return Fail(Code::kDamaged, "store_row_malformed");
    }
    segments.push_back({parent, std::min(upper.end, query.UnsignedAt(1))});
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

Result<std::uint64_t> LogStore::SizeOf(StreamNo no, std::uint32_t branch) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_, "SELECT size FROM branch WHERE stream_no = $1 AND branch = $2",
                              no, branch));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  return found ? query.UnsignedAt(0) : 0;
}

// ---- Entries

Result<LogStore::StreamKeys> LogStore::KeysOfStream(StreamNo no) const {
  StreamKeys keys;
  CHIBO_TRY_VALUE(keys.id, IdOf(sql_, no));
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT reach, value FROM secret WHERE stream_no = $1 ORDER BY reach", no));
  while (true) {
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return keys;
    }
    const auto plain = at_rest_.Reveal(SecretPlace(keys.id, query.Int(0)), query.BytesAt(1));
    const auto secret = plain ? StreamSecret::From(*plain) : std::nullopt;
    if (!secret || query.UnsignedAt(0) >= keys.secrets.size()) {
      return Fail(Code::kDamaged, "stream_secret_damaged", keys.id.hex());
    }
    keys.secrets[query.UnsignedAt(0)] = secret;
  }
}

Status LogStore::PutEntry(StreamNo no, std::uint32_t branch, const StoredEntry& entry) {
  CHIBO_TRY_VALUE(const StreamId id, IdOf(sql_, no));
  {
    CHIBO_TRY_VALUE(
        Query insert,
        Query::Make(sql_,
                    "INSERT INTO entry(stream_no, branch, idx, leaf, header, body) "
                    "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING idx",
                    no, branch, entry.index, entry.leaf, entry.header,
                    at_rest_.Protect(EntryPlace(id, branch, entry.index), entry.body)));
    CHIBO_TRY_VALUE(bool inserted, insert.Step());
    if (inserted) {
      CHIBO_TRY_VALUE(inserted, insert.Step());
      return {};
    }
  }
  CHIBO_TRY_VALUE(Query held,
                  Query::Make(sql_,
                              "SELECT leaf FROM entry WHERE stream_no = $1 AND branch = $2 "
                              "AND idx = $3",
                              no, branch, entry.index));
  CHIBO_TRY_VALUE(const bool there, held.Step());
  if (!there || held.BytesAt(0) != entry.leaf.view()) {
    return DamagedEntry("entry_differs", id, entry.index);
  }
  return {};
}

Result<StoredEntry> LogStore::Check(const StreamKeys& keys, std::uint32_t branch,
                                    StoredEntry entry) const {
  auto body = at_rest_.Reveal(EntryPlace(keys.id, branch, entry.index), entry.body);
  if (!body) {
    return DamagedEntry("entry_body_unreadable", keys.id, entry.index);
  }
  entry.body = *std::move(body);
  const auto decoded = DecodeEntry(keys.id, entry.index, entry.header, entry.body, keys.secrets);
  if (!decoded) {
    return DamagedEntry("entry_does_not_decode", keys.id, entry.index);
  }
  if (EntryLeaf(keys.id, entry.index, *decoded) != entry.leaf) {
    return DamagedEntry("entry_leaf_differs", keys.id, entry.index);
  }
  return entry;
}

Result<std::vector<StoredEntry>> LogStore::ReadEntries(StreamNo no, std::uint32_t branch,
                                                       std::uint64_t from, std::size_t count_max,
                                                       std::size_t bytes_max) const {
  CHIBO_TRY_VALUE(const StreamKeys keys, KeysOfStream(no));
  CHIBO_TRY_VALUE(const auto segments, SegmentsOf(no, branch));
  CHIBO_TRY_VALUE(const std::uint64_t size, SizeOf(no, branch));
  std::vector<StoredEntry> entries;
  std::size_t bytes = 0;
  std::uint64_t next = from;
  for (const auto& [holder, end] : segments) {
    if (holder != branch && next >= end) {
      continue;
    }
    CHIBO_TRY_VALUE(Query query,
                    Query::Make(sql_,
                                "SELECT idx, leaf, header, body FROM entry WHERE stream_no = $1 "
                                "AND branch = $2 AND idx >= $3 AND idx < $4 ORDER BY idx",
                                no, holder, SqlBound(next), end));
    while (entries.size() < count_max && (entries.empty() || bytes < bytes_max)) {
      const auto found = query.Step();
      if (!found && found.error().code == Code::kDamaged) {
        return DamagedEntry("entry_page_damaged", keys.id, next);
      }
      CHIBO_TRY(found);
      if (!*found) {
        break;
      }
      if (query.UnsignedAt(0) != next) {
        return DamagedEntry("entry_missing", keys.id, next);
      }
      const auto leaf = Hash::From(query.BytesAt(1));
      if (!leaf) {
        return DamagedEntry("entry_leaf_differs", keys.id, next);
      }
      CHIBO_TRY_VALUE(StoredEntry entry, Check(keys, holder,
                                               StoredEntry{next, Bytes(query.BytesAt(2)),
                                                           Bytes(query.BytesAt(3)), *leaf}));
      bytes += entry.header.size() + entry.body.size();
      entries.push_back(std::move(entry));
      ++next;
    }
    const bool full = entries.size() >= count_max || (!entries.empty() && bytes >= bytes_max);
    if (full) {
      break;
    }
    if (next < (holder == branch ? size : end)) {
      return DamagedEntry("entry_missing", keys.id, next);
    }
  }
  return entries;
}

Status LogStore::ReplaceBody(StreamNo no, std::uint32_t branch, std::uint64_t index,
                             ByteView body) {
  CHIBO_TRY_VALUE(const StreamKeys keys, KeysOfStream(no));
  {
    CHIBO_TRY_VALUE(Query query, Query::Make(sql_,
                                             "SELECT leaf, header FROM entry WHERE stream_no = $1 "
                                             "AND branch = $2 AND idx = $3",
                                             no, branch, SqlBound(index)));
    CHIBO_TRY_VALUE(const bool found, query.Step());
    if (!found) {
      return Fail(Code::kNotFound, "entry_not_found", PlaceOf(keys.id, index));
    }
    CHIBO_TRY_VALUE(const Entry entry,
                    DecodeEntry(keys.id, index, query.BytesAt(1), body, keys.secrets));
    if (EntryLeaf(keys.id, index, entry).view() != query.BytesAt(0)) {
      return Fail(Code::kBadProof, "entry_leaf_differs", PlaceOf(keys.id, index));
    }
  }
  return Query::Run(sql_,
                    "UPDATE entry SET body = $4 WHERE stream_no = $1 AND branch = $2 AND idx = $3",
                    no, branch, index, at_rest_.Protect(EntryPlace(keys.id, branch, index), body));
}

Result<std::vector<Hash>> LogStore::Leaves(StreamNo no, std::uint32_t branch,
                                           std::uint64_t size) const {
  CHIBO_TRY_VALUE(const auto segments, SegmentsOf(no, branch));
  std::vector<Hash> leaves;
  for (const Segment& segment : segments) {
    const std::uint64_t end = SqlBound(std::min(segment.end, size));
    CHIBO_TRY_VALUE(Query query,
                    Query::Make(sql_,
                                "SELECT leaf FROM entry WHERE stream_no = $1 AND branch = $2 "
                                "AND idx >= $3 AND idx < $4 ORDER BY idx",
                                no, segment.holder, leaves.size(), end));
    CHIBO_TRY_VALUE(bool found, query.Step());
    while (found) {
      CHIBO_TRY_VALUE(leaves.emplace_back(), query.FixedAt<Hash>(0));
      CHIBO_TRY_VALUE(found, query.Step());
    }
  }
  if (leaves.size() != size) {
    CHIBO_TRY_VALUE(const StreamId id, IdOf(sql_, no));
    return Fail(Code::kDamaged, "entry_missing", id.hex());
  }
  return leaves;
}

Status LogStore::VisitHeaders(StreamNo no, std::uint32_t branch,
                              const std::function<bool(std::uint64_t, ByteView)>& visit) const {
  std::vector<std::pair<std::uint64_t, Bytes>> page;
  std::int64_t after = -1;
  do {
    page.clear();
    {
      CHIBO_TRY_VALUE(Query query, Query::Make(sql_,
                                               "SELECT idx, header FROM entry WHERE stream_no = $1 "
                                               "AND branch = $2 AND idx > $3 ORDER BY idx LIMIT $4",
                                               no, branch, after, kPageRows));
      CHIBO_TRY_VALUE(bool found, query.Step());
      while (found) {
        after = query.Int(0);
        page.emplace_back(query.UnsignedAt(0), query.BytesAt(1));
        CHIBO_TRY_VALUE(found, query.Step());
      }
    }
    for (const auto& [index, header] : page) {
      if (!visit(index, header)) {
        return {};
      }
    }
  } while (page.size() == kPageRows);
  return {};
}

// ---- Secrets

Status LogStore::PutSecret(StreamNo no, pb::Reach reach, const StreamSecret& secret) {
  CHIBO_TRY_VALUE(const StreamRow stream, GetStream(no));
  return Query::Run(sql_,
                    "INSERT INTO secret(stream_no, reach, value) VALUES($1, $2, $3) "
                    "ON CONFLICT(stream_no, reach) DO UPDATE SET value = excluded.value",
                    no, static_cast<int>(reach),
                    at_rest_.Protect(SecretPlace(stream.id, reach), secret.view()));
}

Result<StreamSecrets> LogStore::Secrets(StreamNo no) const {
  CHIBO_TRY_VALUE(const StreamKeys keys, KeysOfStream(no));
  return keys.secrets;
}

}  // namespace chibo
