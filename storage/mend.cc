#include "storage/mend.h"

#include <algorithm>

#include "storage/query.h"

namespace chibo {
namespace {

class StreamMend {
 public:
  StreamMend(SqlConnection& sql, AtRest& at_rest, const ScrubbedStream& stream)
      : sql_(sql), log_(sql, at_rest), stream_(stream) {}

  Status Run() {
    if (stream_.row_differs) {
      CHIBO_TRY(Query::Run(sql_, "UPDATE stream SET id = $2, genesis = $3 WHERE no = $1",
                           stream_.no, stream_.id, stream_.genesis));
    }
    for (const ScrubbedBranch& branch : stream_.branches) {
      if (branch.is_cut() || !branch.is_held() || !branch.strays.empty()) {
        CHIBO_TRY(TakeOut(branch));
      }
      CHIBO_TRY(branch.is_held() ? SetRight(branch) : Forget(branch));
    }
    const bool held = !stream_.branches.empty() && stream_.branches.front().is_held();
    if (held && stream_.first_entry_differs) {
      CHIBO_TRY(WriteFirstEntry());
    }
    return held ? Status() : ForgetStream();
  }

 private:
  Status TakeOut(const ScrubbedBranch& branch);
  Status Keep(const ScrubbedBranch& branch, const RawEntry& raw);
  Status SetRight(const ScrubbedBranch& branch);
  Status Forget(const ScrubbedBranch& branch);
  Status WriteFirstEntry();
  Status ForgetStream();

  SqlConnection& sql_;
  LogStore log_;
  const ScrubbedStream& stream_;
};

Status StreamMend::Keep(const ScrubbedBranch& branch, const RawEntry& raw) {
  return Query::Run(sql_,
                    "INSERT INTO quarantine(no, stream, branch, idx, own, whole, given_up, leaf, "
                    "header, body) SELECT COALESCE(MAX(no), 0) + 1, $1, $2, $3, $4, $5, 0, $6, $7, "
                    "$8 FROM quarantine",
                    stream_.id, branch.branch, raw.index, stream_.own ? 1 : 0,
                    raw.there && branch.whole.contains(raw.index) ? 1 : 0, raw.leaf, raw.header,
                    raw.body);
}

Status StreamMend::TakeOut(const ScrubbedBranch& branch) {
  for (std::uint64_t index = branch.kept; index < branch.end; ++index) {
    CHIBO_TRY_VALUE(const RawEntry raw, ReadRaw(sql_, stream_.no, branch.branch, index));
    CHIBO_TRY(Keep(branch, raw));
  }
  for (const std::uint64_t index : branch.strays) {
    CHIBO_TRY_VALUE(const RawEntry raw, ReadRaw(sql_, stream_.no, branch.branch, index));
    CHIBO_TRY(Keep(branch, raw));
    CHIBO_TRY(Query::Run(sql_,
                         "DELETE FROM entry WHERE stream_no = $1 AND branch = $2 AND idx = $3",
                         stream_.no, branch.branch, index));
  }
  CHIBO_TRY(Query::Run(sql_, "DELETE FROM entry WHERE stream_no = $1 AND branch = $2 AND idx >= $3",
                       stream_.no, branch.branch, branch.kept));
  CHIBO_TRY(Query::Run(sql_,
                       "INSERT INTO quarantine_checkpoint(stream, branch, size, signature) SELECT "
                       "$4, branch, size, signature FROM checkpoint WHERE stream_no = $1 AND "
                       "branch = $2 AND size > $3 ON CONFLICT DO NOTHING",
                       stream_.no, branch.branch, branch.kept, stream_.id));
  return Query::Run(sql_,
                    "DELETE FROM checkpoint WHERE stream_no = $1 AND branch = $2 AND size > $3",
                    stream_.no, branch.branch, branch.kept);
}

Status StreamMend::SetRight(const ScrubbedBranch& branch) {
  for (const std::uint64_t index : branch.leaves_differ) {
    CHIBO_TRY(Query::Run(
        sql_, "UPDATE entry SET leaf = $4 WHERE stream_no = $1 AND branch = $2 AND idx = $3",
        stream_.no, branch.branch, index,
        branch.leaves[static_cast<std::size_t>(index - branch.fork_at)]));
  }
  for (const std::uint64_t size : branch.bad_checkpoints) {
    CHIBO_TRY(Query::Run(
        sql_, "DELETE FROM checkpoint WHERE stream_no = $1 AND branch = $2 AND size = $3",
        stream_.no, branch.branch, size));
  }
  if (branch.signature) {
    CHIBO_TRY(
        log_.PutCheckpoint(stream_.no, branch.branch, {branch.signed_size, *branch.signature}));
  }
  return log_.PutBranch(stream_.no, {branch.branch, branch.parent, branch.fork_at, branch.peaks,
                                     branch.signed_size, branch.signature});
}

Status StreamMend::Forget(const ScrubbedBranch& branch) {
  CHIBO_TRY(Query::Run(sql_, "DELETE FROM checkpoint WHERE stream_no = $1 AND branch = $2",
                       stream_.no, branch.branch));
  return Query::Run(sql_, "DELETE FROM branch WHERE stream_no = $1 AND branch = $2", stream_.no,
                    branch.branch);
}

Status StreamMend::WriteFirstEntry() {
  CHIBO_TRY(Query::Run(sql_, "DELETE FROM entry WHERE stream_no = $1 AND branch = 0 AND idx = 0",
                       stream_.no));
  const Entry entry{stream_.genesis, {}};
  return log_.PutEntry(
      stream_.no, 0, {0, entry.header, EncodeBody(entry), stream_.branches.front().leaves.front()});
}

Status StreamMend::ForgetStream() {
  CHIBO_TRY(
      Query::Run(sql_,
                 "INSERT INTO quarantine_secret(stream, reach, value) SELECT $2, reach, value "
                 "FROM secret WHERE stream_no = $1 ON CONFLICT DO NOTHING",
                 stream_.no, stream_.id));
  for (const std::string_view text :
       {"DELETE FROM secret WHERE stream_no = $1", "DELETE FROM outbox WHERE stream_no = $1",
        "DELETE FROM stream WHERE no = $1"}) {
    CHIBO_TRY(Query::Run(sql_, text, stream_.no));
  }
  return {};
}

}  // namespace

Result<RawEntry> ReadRaw(SqlConnection& sql, StreamNo no, std::uint32_t branch,
                         std::uint64_t index) {
  RawEntry raw;
  raw.index = index;
  CHIBO_TRY_VALUE(Query query, Query::Make(sql,
                                           "SELECT leaf, header, body FROM entry "
                                           "WHERE stream_no = $1 AND branch = $2 AND idx = $3",
                                           no, branch, SqlBound(index)));
  const auto found = query.Step();
  if (!found && found.error().code != Code::kDamaged) {
    return tl::unexpected(found.error());
  }
  raw.there = found && *found;
  if (raw.there) {
    raw.leaf = Bytes(query.BytesAt(0));
    raw.header = Bytes(query.BytesAt(1));
    raw.body = Bytes(query.BytesAt(2));
  }
  return raw;
}

Result<std::vector<std::uint64_t>> IndicesOf(SqlConnection& sql, StreamNo no,
                                             std::uint32_t branch) {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql, "SELECT idx FROM entry WHERE stream_no = $1 AND branch = $2 ORDER BY idx",
                  no, branch));
  std::vector<std::uint64_t> indices;
  CHIBO_TRY_VALUE(bool more, query.Step());
  while (more) {
    indices.push_back(query.UnsignedAt(0));
    CHIBO_TRY_VALUE(more, query.Step());
  }
  return indices;
}

Result<std::vector<std::uint32_t>> BranchesWithEntries(SqlConnection& sql, StreamNo no) {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql, "SELECT DISTINCT branch FROM entry WHERE stream_no = $1 ORDER BY branch",
                  no));
  std::vector<std::uint32_t> branches;
  CHIBO_TRY_VALUE(bool more, query.Step());
  while (more) {
    branches.push_back(query.UnsignedAt<std::uint32_t>(0));
    CHIBO_TRY_VALUE(more, query.Step());
  }
  return branches;
}

Status MendStream(SqlConnection& sql, AtRest& at_rest, const ScrubbedStream& scrubbed) {
  return StreamMend(sql, at_rest, scrubbed).Run();
}

Result<std::uint64_t> RestoreStreams(SqlConnection& sql,
                                     const std::vector<std::pair<StreamNo, Bytes>>& ids,
                                     const SignPublicKey& device) {
  std::vector<std::pair<StreamNo, Bytes>> firsts;
  {
    CHIBO_TRY_VALUE(Query query,
                    Query::Make(sql,
                                "SELECT stream_no, header FROM entry WHERE branch = 0 AND idx "
                                "= 0 AND stream_no NOT IN (SELECT no FROM stream)"));
    CHIBO_TRY_VALUE(bool more, query.Step());
    while (more) {
      firsts.emplace_back(query.Int(0), Bytes(query.BytesAt(1)));
      CHIBO_TRY_VALUE(more, query.Step());
    }
  }
  constexpr std::string_view kInsert =
      "INSERT INTO stream(no, id, own, genesis) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING";
  for (const auto& [no, header] : firsts) {
    const auto genesis = ParseHeader(header, 0);
    if (genesis) {
      const bool own = genesis->message.genesis().device() == device.view();
      CHIBO_TRY(Query::Run(sql, kInsert, no, StreamIdOf(header), own ? 1 : 0, header));
    }
  }
  for (const auto& [no, id] : ids) {
    if (StreamId::From(id)) {
      CHIBO_TRY(Query::Run(sql, kInsert, no, id, 0, ByteView()));
    }
  }
  std::uint64_t homeless = 0;
  {
    CHIBO_TRY_VALUE(Query query, Query::Make(sql,
                                             "SELECT COUNT(*) FROM entry WHERE stream_no NOT "
                                             "IN (SELECT no FROM stream)"));
    CHIBO_TRY(query.Step());
    homeless = query.UnsignedAt(0);
  }
  for (const std::string_view table : {"entry", "branch", "checkpoint", "secret"}) {
    CHIBO_TRY(sql.Execute("DELETE FROM " + std::string(table) +
                          " WHERE stream_no NOT IN (SELECT no FROM stream);"));
  }
  return homeless;
}

Status MendOutbox(SqlConnection& sql) {
  CHIBO_TRY(Query::Run(
      sql,
      "DELETE FROM outbox WHERE from_idx >= to_idx OR NOT EXISTS (SELECT 1 FROM branch WHERE "
      "branch.stream_no = outbox.stream_no AND branch.branch = outbox.branch AND "
      "branch.signed_size > outbox.from_idx)"));
  return Query::Run(
      sql,
      "UPDATE outbox SET to_idx = (SELECT signed_size FROM branch WHERE branch.stream_no = "
      "outbox.stream_no AND branch.branch = outbox.branch) WHERE to_idx > (SELECT signed_size FROM "
      "branch WHERE branch.stream_no = outbox.stream_no AND branch.branch = outbox.branch)");
}

}  // namespace chibo
