#include "node/replica.h"

#include <algorithm>
#include <utility>

#include "base/planted.h"
#include "node/copies.h"
#include "proto/checkpoint.h"
#include "proto/limits.h"

namespace chibo {

Replica::Replica(const Parts& parts, Settings settings)
    : parts_(parts),
      log_(*parts.sql, *parts.at_rest),
      view_(*parts.sql),
      settings_(std::move(settings)),
      streams_(settings_.network, log_),
      missing_text_(log_),
      projector_(settings_.network, settings_.unit, parts.seal, streams_, log_, view_),
      by_child_(settings_.unit, streams_, projector_),
      writer_(settings_, *parts.device, streams_, log_, view_, projector_, *parts.random),
      quarantine_return_(streams_, log_, Quarantine(*parts.sql, *parts.at_rest)),
      text_sealing_(settings_, projector_, log_, view_),
      introductions_(settings_, projector_, streams_, log_) {}

Result<std::unique_ptr<Replica>> Replica::Open(const Parts& parts) {
  LogStore log(*parts.sql, *parts.at_rest);
  CHIBO_TRY(log.OpenSchema());
  CHIBO_TRY_VALUE(Settings settings, ReadSettings(log));
  std::unique_ptr<Replica> replica(new Replica(parts, std::move(settings)));
  CHIBO_TRY(replica->Start());
  return replica;
}

Status Replica::Start() {
  CHIBO_TRY(streams_.Load());
  CHIBO_TRY(view_.OpenSchema(parts_.view_place));
  CHIBO_TRY(missing_text_.Load());
  CHIBO_TRY(parts_.sql->Begin());
  Status started = [&]() -> Status {
    CHIBO_TRY(projector_.Load());
    CHIBO_TRY_VALUE(const auto lineage, log_.Value("lineage"));
    lineage_ = lineage.value_or(Bytes());
    if (!parts_.continuity_proven || !lineage) {
      lineage_ = parts_.random->Draw(8);
      CHIBO_TRY(log_.PutValue("lineage", lineage_));
    }
    if (CHIBO_PLANT(kIndexUsedAgain, !parts_.continuity_proven, false)) {
      CHIBO_TRY(writer_.RetireOwnStreams());
    }
    CHIBO_TRY(quarantine_return_.Load());
    if (!lineage) {
      // Receipts and outboxes may be gone from a store that was rescued, with nothing coming in
      // that would bring them back. The view has just been made anew.
      CHIBO_TRY(NoteRegisters());
    }
    CHIBO_TRY(LoadUnregistered());
    CHIBO_TRY(LoadOutboxed());
    return lineage ? Status() : FillOutbox();
  }();
  if (!started) {
    parts_.sql->Rollback();
    return started;
  }
  return parts_.sql->Commit();
}

Status Replica::Refresh() {
  if (!stale_) {
    return {};
  }
  CHIBO_TRY(Reload());
  stale_ = false;
  return {};
}

Status Replica::Reload() {
  came_in_.clear();
  text_sealing_.Forget();
  introduced_as_of_ = sealed_as_of_ = 0;
  grew_outside_ = true;
  writer_.RolledBack();
  CHIBO_TRY(streams_.Load());
  CHIBO_TRY(missing_text_.Load());
  CHIBO_TRY(projector_.Load());
  CHIBO_TRY(quarantine_return_.Load());
  CHIBO_TRY(LoadUnregistered());
  return LoadOutboxed();
}

// What came in is registered in the same transaction, unless this office may not write: then it
// owes the receipt, also after a restart, a repair, or a ruling by which another branch stands.
Status Replica::LoadUnregistered() {
  unregistered_.clear();
  if (!settings_.is_server()) {
    return {};
  }
  for (const Stream* stream : streams_.All()) {
    if (stream->own || stream->branches.empty()) {
      continue;
    }
    CHIBO_TRY_VALUE(const bool registered, IsRegistered(*stream));
    if (!registered && HeadIsSigned(*stream)) {
      unregistered_.insert(stream->no);
    }
  }
  return {};
}

// Of what was not checked in this transaction: a head that rotted must not be receipted.
bool Replica::HeadIsSigned(const Stream& stream) const {
  const BranchRow& branch = BranchToRegister(stream);
  return branch.signature && branch.signed_size == branch.peaks.size() &&
         VerifyCheckpoint(stream.device, settings_.network,
                          {stream.id, branch.peaks.size(), branch.peaks.Root()}, *branch.signature)
             .has_value();
}

Status Replica::LoadOutboxed() {
  outboxed_.clear();
  constexpr std::size_t kPage = 1024;
  for (const UnitId& child : Children()) {
    std::uint64_t after = 0;
    for (;;) {
      CHIBO_TRY_VALUE(const auto items, log_.ReadOutbox(child, after, kPage));
      for (const OutboxItem& item : items) {
        std::uint64_t& to = outboxed_[{child, item.stream, item.branch}];
        to = std::max(to, item.to);
        after = item.seq;
      }
      if (items.size() < kPage) {
        break;
      }
    }
  }
  return {};
}

Status Replica::Transact(Timestamp now, const std::function<Status(StreamWriter&)>& work) {
  CHIBO_TRY(Refresh());
  CHIBO_TRY(parts_.sql->Begin());
  Status done = work(writer_);
  if (done) {
    done = Finish(now);
  }
  if (done) {
    done = parts_.sql->Commit();
  } else {
    parts_.sql->Rollback();
  }
  if (done) {
    writer_.Committed();
  }
  if (CHIBO_PLANT(kMemoryAheadOfStore, !done, false)) {
    stale_ = true;
    // The failure that matters is the first one; a store that cannot be read again says so on next
    // use.
    static_cast<void>(Refresh());
  }
  return done;
}

std::vector<CommitReport> Replica::Ingest(std::vector<SubmittedChunk> chunks, Timestamp now) {
  const bool concerned = std::any_of(chunks.begin(), chunks.end(), [&](const SubmittedChunk& one) {
    return quarantine_return_.Concerns(one.chunk.stream);
  });
  std::vector<CommitReport> reports = IngestAll(std::move(chunks), now);
  if (concerned) {
    // What it could not take back now it takes back another time; what came in is held.
    static_cast<void>(TakeBack(now));
  }
  return reports;
}

Status Replica::TakeBack(Timestamp now) {
  CHIBO_TRY_VALUE(const auto joining, quarantine_return_.Chunks());
  std::vector<SubmittedChunk> chunks;
  for (const ReceivedChunk& chunk : joining) {
    // It was held here before: whoever brought it then does not have to be asked again.
    chunks.push_back({UnitId(), true, chunk});
  }
  static_cast<void>(IngestAll(std::move(chunks), now));
  return Transact(now, [&](StreamWriter&) -> Status {
    CHIBO_TRY(quarantine_return_.DropHeld());
    return quarantine_return_.Load();
  });
}

std::vector<CommitReport> Replica::IngestAll(std::vector<SubmittedChunk> chunks, Timestamp now) {
  std::vector<CommitReport> reports;
  reports.reserve(chunks.size());
  for (const SubmittedChunk& chunk : chunks) {
    reports.push_back({chunk.chunk.ticket, std::nullopt, std::nullopt});
  }
  std::set<std::size_t> damaged;
  std::optional<std::size_t> failing;
  const auto apply_all = [&](StreamWriter&) -> Status {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (damaged.contains(i)) {
        continue;
      }
      reports[i] = {chunks[i].chunk.ticket, std::nullopt, std::nullopt};
      if (!chunks[i].chunk.stream.empty()) {
        auto held = Apply(chunks[i]);
        if (!held && (ExitCode(held.error().code) == 6 || held.error().code == Code::kDamaged)) {
          failing = i;
          return tl::unexpected(held.error());
        }
        if (!held) {
          reports[i].error = std::move(held).error();
          continue;
        }
        reports[i].held = *held;
      }
      CHIBO_TRY(MoveCursor(chunks[i]));
    }
    return {};
  };
  Status done = Transact(now, apply_all);
  // What is damaged here of one stream is not the trouble of those who sent others.
  while (!done && done.error().code == Code::kDamaged && failing) {
    reports[*failing].error = done.error();
    damaged.insert(*std::exchange(failing, std::nullopt));
    done = Transact(now, apply_all);
  }
  for (std::size_t i = 0; !done && i < reports.size(); ++i) {
    reports[i] = {CHIBO_PLANT(kTicketsLost, chunks[i].chunk.ticket, 0), done.error(), std::nullopt};
  }
  return reports;
}

Status Replica::MoveCursor(const SubmittedChunk& submitted) {
  const ReceivedChunk& chunk = submitted.chunk;
  if (!submitted.from_parent || chunk.outbox == 0) {
    return {};
  }
  if (chunk.cursor_after) {
    CHIBO_TRY_VALUE(const Cursor cursor, ParentCursor());
    if (cursor.lineage != chunk.lineage ? *chunk.cursor_after != 0
                                        : cursor.seq != *chunk.cursor_after) {
      return {};
    }
  }
  return PutParentCursor({chunk.lineage, chunk.outbox});
}

// What comes up must lie below who sends it, or be what this node may hold anyway: a server that
// went back in time, or a unit's new superior, gets from those below what they hold of streams from
// above. Of these only what a certified device has written, for nobody below vouches for it. What
// comes from above is kept whatever it is: if its standing does not hold here it is set aside and
// listed.
Status Replica::CheckSender(const SubmittedChunk& submitted, const Stream& stream) const {
  if (submitted.from_parent || stream.device == parts_.device->public_key() ||
      !authority().KeeperOf(stream.unit) || visibility().IsWithin(stream.unit, submitted.from)) {
    return {};
  }
  const auto writer = authority().Find(stream.certificate_id);
  if (writer && writer->key == stream.device && writer->unit == stream.unit &&
      visibility().MayHold(stream, settings_.unit)) {
    return {};
  }
  return Fail(Code::kNotAllowed, "stream_not_from_there", stream.id.hex());
}

Result<HeldStream> Replica::Apply(const SubmittedChunk& submitted) {
  CHIBO_TRY_VALUE(CheckedChunk checked,
                  CheckChunk(settings_.network, streams_, log_, submitted.chunk));
  const Stream* stream = checked.stream;
  if (stream == nullptr) {
    CHIBO_TRY_VALUE(const Stream fresh, Streams::ReadGenesis(settings_.network, checked.genesis));
    CHIBO_TRY(CheckSender(submitted, fresh));
    const bool own = fresh.device == parts_.device->public_key();
    CHIBO_TRY_VALUE(stream, streams_.Add(checked.genesis, own));
    if (own) {
      // Ours, but not here when we started: a directory that went back in time. It is never written
      // to again.
      CHIBO_TRY(streams_.Retire(*stream));
    }
  } else {
    CHIBO_TRY(CheckSender(submitted, *stream));
    if (stream->own && !stream->retired && !checked.entries.empty()) {
      CHIBO_TRY(streams_.Retire(*stream));
    }
  }
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    if (checked.new_secrets[reach]) {
      CHIBO_TRY(log_.PutSecret(stream->no, reach, *checked.new_secrets[reach]));
    }
  }
  if (stream->kind == pb::TO && checked.new_secrets[pb::PARENT]) {
    projector_.MoreHeld(stream->id);
  }
  for (CheckedChunk::Opened& opened : checked.opened) {
    CHIBO_TRY(log_.ReplaceBody(stream->no, opened.branch, opened.index, EncodeBody(opened.entry)));
    CHIBO_TRY(projector_.Project(*stream, opened.branch, opened.index, {&opened.entry, 1}));
  }
  if (!checked.entries.empty() || !checked.opened.empty()) {
    grew_outside_ =
        grew_outside_ || stream->own || !visibility().IsWithin(stream->unit, settings_.unit);
  }
  if (!checked.entries.empty()) {
    CHIBO_TRY(streams_.Append(*stream, checked.append));
    CHIBO_TRY(projector_.Project(*stream, checked.append.branch,
                                 checked.append.entries.front().index, checked.entries));
    if (submitted.from_parent && !stream->own) {
      unregistered_.insert(stream->no);
    } else if (!stream->own) {
      came_in_[submitted.from].insert(stream->no);
    }
  }
  stream = streams_.Find(stream->id);
  CHIBO_TRY(NoteTexts(*stream, checked, submitted.chunk.from));
  const BranchRow* branch = stream->FindBranch(checked.append.branch);
  HeldStream held;
  held.id = stream->id;
  held.branch = branch->branch;
  held.size = branch->peaks.size();
  held.root = branch->peaks.Root();
  held.forked = stream->forked();
  return held;
}

// From whomever it came: who sent it may not read it, or has lost it as well.
Status Replica::NoteTexts(const Stream& stream, const CheckedChunk& checked, std::uint64_t from) {
  const bool nothing = checked.lacking.empty() && !checked.lacks_secret &&
                       !checked.new_secrets[pb::PARENT] && !missing_text_.Concerns(stream.no);
  if (nothing || stream.kind == pb::DOWN ||
      !visibility().MayRead(stream, pb::PARENT, settings_.unit)) {
    return {};
  }
  CHIBO_TRY(missing_text_.NoteSecret(stream, checked.lacks_secret));
  if (checked.new_secrets[pb::PARENT] && checked.again > 0) {
    // Handed over: whatever is held of it came while it was not to be read here.
    return missing_text_.LookThrough(stream);
  }
  const std::uint64_t end = from + checked.again + checked.entries.size();
  return missing_text_.Note(stream, checked.append.branch, {from, end}, checked.lacking);
}

Status Replica::MoveTo(const Settings& settings, Timestamp now) {
  CHIBO_TRY(Transact(now, [&](StreamWriter&) -> Status {
    // The register entry and the name known are of the superior before.
    CHIBO_TRY(log_.EraseValue(kNewestRegister));
    CHIBO_TRY(log_.EraseValue("parent-name"));
    return PutSettings(settings, log_);
  }));
  settings_ = settings;
  return {};
}

Status Replica::RebuildView() {
  CHIBO_TRY(parts_.sql->Begin());
  Status rebuilt = projector_.Rebuild();
  if (!rebuilt) {
    parts_.sql->Rollback();
    stale_ = true;
    return rebuilt;
  }
  return parts_.sql->Commit();
}

Result<Replica::Cursor> Replica::ParentCursor() const {
  Cursor cursor;
  CHIBO_TRY_VALUE(const auto lineage, log_.Value("parent-lineage"));
  CHIBO_TRY_VALUE(const auto seq, log_.Value("parent-cursor"));
  if (lineage && seq && seq->size() == 8) {
    cursor.lineage = *lineage;
    cursor.seq = ReadU64(*seq);
  }
  return cursor;
}

Status Replica::PutParentCursor(const Cursor& cursor) {
  Bytes seq;
  AppendU64(seq, cursor.seq);
  CHIBO_TRY(log_.PutValue("parent-lineage", cursor.lineage));
  return log_.PutValue("parent-cursor", seq);
}

std::vector<UnitId> Replica::Children() const {
  const std::set<UnitId>& children = by_child_.Children();
  return {children.begin(), children.end()};
}

}  // namespace chibo
