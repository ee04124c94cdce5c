#include "node/repair.h"

#include <algorithm>

#include "node/missing_text.h"
#include "node/projector.h"
#include "node/stream_records.h"
#include "node/stream_writer.h"
#include "node/streams.h"
#include "storage/mend.h"
#include "storage/view_store.h"

namespace chibo {
namespace {

bool Says(const pb::Record& record, const Registered& row) {
  return record.has_register_() && record.register_().time_ms() == row.time_ms &&
         std::any_of(record.register_().received().begin(), record.register_().received().end(),
                     [&](const pb::Point& point) {
                       return point.stream() == row.at.stream.view() &&
                              point.size() == row.at.size && point.root() == row.at.root.view();
                     });
}

// Whether the record that a row of the register names is here and says so.
Result<bool> IsSaid(const Streams& streams, const LogStore& log, const Registered& row) {
  const Stream* stream = streams.Find(row.name.stream);
  if (stream == nullptr || stream->unit != row.by) {
    return false;
  }
  for (const BranchRow& branch : stream->branches) {
    if (row.name.index < branch.fork_at || row.name.index >= branch.peaks.size()) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto read,
                    log.ReadEntries(stream->no, branch.branch, row.name.index, 1, 0));
    CHIBO_TRY_VALUE(const Header header, ParseHeader(read.front().header, row.name.index));
    for (const auto& [position, record] : RecordsIn(header.slots, read.front().body)) {
      if (position == row.name.position && Says(record, row)) {
        return true;
      }
    }
  }
  return false;
}

Result<std::vector<Registered>> Unsaid(LogStore& log, const Settings& settings) {
  Streams streams(settings.network, log);
  CHIBO_TRY(streams.Load());
  std::vector<Registered> unsaid;
  CHIBO_TRY_VALUE(const auto rows, log.AllRegistered());
  for (const Registered& row : rows) {
    CHIBO_TRY_VALUE(const bool said, IsSaid(streams, log, row));
    if (!said) {
      unsaid.push_back(row);
    }
  }
  return unsaid;
}

Status EraseBelow(LogStore& log, std::string_view prefix) {
  CHIBO_TRY_VALUE(const auto keys, log.KeysBelow(prefix));
  for (const std::string& key : keys) {
    CHIBO_TRY(log.EraseValue(key));
  }
  return {};
}

// Copies that stood in streams of our own may be nowhere any more, and are made again.
Status ForgetOwnStreams(LogStore& log) {
  CHIBO_TRY(log.EraseValue("opened"));
  CHIBO_TRY(EraseBelow(log, "copied/"));
  return EraseBelow(log, "told/");
}

// What this node remembers of entries that are not there any more.
Status ForgetWhatIsCut(LogStore& log, const std::vector<ScrubbedStream>& streams) {
  MissingText missing(log);
  CHIBO_TRY(missing.Load());
  bool own = false;
  for (const ScrubbedStream& stream : streams) {
    own = own || (stream.own && stream.is_cut());
    for (const ScrubbedBranch& branch : stream.branches) {
      if (branch.is_cut()) {
        CHIBO_TRY(missing.CutBack(stream.no, branch.branch, branch.kept));
      }
    }
  }
  CHIBO_TRY(ForgetOutboxes(log));
  CHIBO_TRY(log.EraseValue(kNewestRegister));
  // As for a copy that was put back: its own streams are not gone on with.
  return own ? ForgetOwnStreams(log) : Status();
}

}  // namespace

Result<StoreDamage> FindDamage(SqlConnection& sql, AtRest& at_rest, const Settings& settings) {
  StoreDamage damage;
  CHIBO_TRY_VALUE(damage.streams, ScrubStreams(sql, at_rest, settings.network));
  std::erase_if(damage.streams, [](const ScrubbedStream& stream) { return !stream.is_damaged(); });
  if (damage.streams.empty()) {
    LogStore log(sql, at_rest);
    CHIBO_TRY_VALUE(damage.unsaid, Unsaid(log, settings));
  }
  return damage;
}

Status RepairStore(SqlConnection& sql, AtRest& at_rest, const Settings& settings,
                   const StoreDamage& damage) {
  ViewStore view(sql);
  LogStore log(sql, at_rest);
  if (settings.is_server()) {
    CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
  }
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  bool cut = false;
  for (const ScrubbedStream& stream : damage.streams) {
    CHIBO_TRY(MendStream(sql, at_rest, stream));
    cut = cut || stream.is_cut();
  }
  if (cut) {
    CHIBO_TRY(MendOutbox(sql));
    CHIBO_TRY(ForgetWhatIsCut(log, damage.streams));
  }
  CHIBO_TRY_VALUE(const auto unsaid, Unsaid(log, settings));
  for (const Registered& row : unsaid) {
    CHIBO_TRY(log.DropRegistered(row));
  }
  if (settings.is_server()) {
    CHIBO_TRY(view.PutVersion(0));
  }
  return transaction.Commit();
}

Result<Hash> DigestOfViewMadeAnew(SqlConnection& sql, AtRest& at_rest, const Settings& settings,
                                  const DhKey& seal) {
  LogStore log(sql, at_rest);
  ViewStore view(sql);
  CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
  Streams streams(settings.network, log);
  CHIBO_TRY(streams.Load());
  Projector projector(settings.network, settings.unit, &seal, streams, log, view);
  // Never committed.
  CHIBO_TRY_VALUE(const SqlTransaction transaction, SqlTransaction::Begin(sql));
  CHIBO_TRY(projector.Rebuild());
  return view.Digest();
}

Status ForgetOutboxes(LogStore& log) { return log.EraseValue("lineage"); }

Status ForgetAsPutBack(LogStore& log) {
  MissingText missing(log);
  CHIBO_TRY(missing.Load());
  CHIBO_TRY_VALUE(const auto streams, log.Streams());
  for (const StreamRow& stream : streams) {
    // One that cannot be read is cut by what comes after this, and its texts with it.
    const auto branches = log.Branches(stream.no);
    for (const BranchRow& branch : branches.value_or(std::vector<BranchRow>())) {
      CHIBO_TRY(missing.CutBack(stream.no, branch.branch, branch.peaks.size()));
    }
  }
  CHIBO_TRY(ForgetOutboxes(log));
  CHIBO_TRY(log.EraseValue(kNewestRegister));
  return ForgetOwnStreams(log);
}

}  // namespace chibo
