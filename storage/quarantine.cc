#include "storage/quarantine.h"

#include "storage/places.h"
#include "storage/query.h"

namespace chibo {

Result<std::vector<QuarantinedEntry>> Quarantine::Entries() const {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_,
                  "SELECT no, stream, branch, idx, own, whole, given_up, leaf, header, body "
                  "FROM quarantine ORDER BY stream, branch, idx, no"));
  std::vector<QuarantinedEntry> entries;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    CHIBO_TRY_VALUE(const auto stream, query.FixedAt<StreamId>(1));
    entries.push_back({query.Int(0), stream, query.UnsignedAt<std::uint32_t>(2),
                       query.UnsignedAt(3), query.Int(4) != 0, query.Int(5) != 0, query.Int(6) != 0,
                       Bytes(query.BytesAt(7)), Bytes(query.BytesAt(8)), Bytes(query.BytesAt(9))});
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return entries;
}

Result<bool> Quarantine::IsEmpty() const {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql_, "SELECT no FROM quarantine LIMIT 1"));
  CHIBO_TRY_VALUE(const bool found, query.Step());
  return !found;
}

Result<Bytes> Quarantine::Body(const QuarantinedEntry& entry) const {
  return at_rest_.Reveal(EntryPlace(entry.stream, entry.branch, entry.index), entry.body);
}

Result<StreamSecrets> Quarantine::Secrets(const StreamId& stream) const {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT reach, value FROM quarantine_secret WHERE stream = $1", stream));
  StreamSecrets secrets;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    const auto reach = query.UnsignedAt(0);
    const auto plain = at_rest_.Reveal(SecretPlace(stream, query.Int(0)), query.BytesAt(1));
    if (plain && reach < secrets.size()) {
      secrets[reach] = StreamSecret::From(*plain);
    }
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return secrets;
}

Result<std::vector<Checkpoint>> Quarantine::Checkpoints(const StreamId& stream,
                                                        std::uint32_t branch) const {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_,
                              "SELECT size, signature FROM quarantine_checkpoint WHERE stream = $1 "
                              "AND branch = $2 ORDER BY size DESC",
                              stream, branch));
  std::vector<Checkpoint> checkpoints;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    if (const auto signature = Signature::From(query.BytesAt(1))) {
      checkpoints.push_back({query.UnsignedAt(0), *signature});
    }
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return checkpoints;
}

Status Quarantine::Drop(const QuarantinedEntry& entry) {
  return Query::Run(sql_, "DELETE FROM quarantine WHERE no = $1", entry.no);
}

Status Quarantine::GiveUp() { return Query::Run(sql_, "UPDATE quarantine SET given_up = 1"); }

Status Quarantine::DropLeftovers() {
  for (const std::string_view text :
       {"DELETE FROM quarantine_checkpoint WHERE stream NOT IN (SELECT stream FROM quarantine)",
        "DELETE FROM quarantine_secret WHERE stream NOT IN (SELECT stream FROM quarantine)"}) {
    CHIBO_TRY(Query::Run(sql_, text));
  }
  return {};
}

}  // namespace chibo
