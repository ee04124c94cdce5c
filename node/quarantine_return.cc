#include "node/quarantine_return.h"

#include <algorithm>
#include <utility>

#include "node/stream_records.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// Runs of whole entries of one branch, one after the other.
std::vector<std::vector<QuarantinedEntry>> RunsOf(std::vector<QuarantinedEntry> entries) {
  std::vector<std::vector<QuarantinedEntry>> runs;
  for (QuarantinedEntry& entry : entries) {
    if (!entry.whole || entry.index == 0) {
      continue;
    }
    const bool goes_on = !runs.empty() && runs.back().back().stream == entry.stream &&
                         runs.back().back().branch == entry.branch &&
                         runs.back().back().index + 1 == entry.index;
    if (!goes_on) {
      runs.emplace_back();
    }
    runs.back().push_back(std::move(entry));
  }
  return runs;
}

// The certificate of the device with a key, and whether anybody has revoked it.
class CertificateSearch {
 public:
  CertificateSearch(const UnitId& keeper, const DhPublicKey& key) : keeper_(keeper), key_(key) {}

  void Look(const pb::Record& record, bool ours) {
    if (record.has_revocation()) {
      revoked_.insert(record.revocation().body().certificate());
    } else if (record.has_copy()) {
      LookInto(record.copy());
    } else if (record.has_certificate() && ours) {
      const pb::CertificateBody& said = record.certificate().body();
      const auto unit = UnitId::From(said.unit());
      const auto device = SignKeyOf(said);
      if (unit && *unit != keeper_ && device && NoiseKeyOf(said) == key_) {
        found_ = QuarantineReturn::Known{*unit, *device};
        certificate_ = Bytes(BodyDigest(record).view());
      }
    }
  }
  std::optional<QuarantineReturn::Known> Found() const {
    return revoked_.contains(certificate_) ? std::nullopt : found_;
  }

 private:
  void LookInto(const pb::Copy& copy) {
    const auto header = ParseHeader(copy.header(), copy.index());
    if (header && copy.position() < header->slots.size()) {
      const auto original = ParseRecord(header->slots[copy.position()].kind, copy.payload());
      if (original && original->has_revocation()) {
        Look(*original, false);
      }
    }
  }

  UnitId keeper_;
  DhPublicKey key_;
  std::optional<QuarantineReturn::Known> found_;
  Bytes certificate_;
  std::set<Bytes> revoked_;
};

}  // namespace

Status QuarantineReturn::Load() {
  concerned_.clear();
  CHIBO_TRY_VALUE(const auto entries, quarantine_.Entries());
  for (const QuarantinedEntry& entry : entries) {
    concerned_.insert(entry.stream);
  }
  return {};
}

bool QuarantineReturn::Concerns(ByteView stream) const {
  return !stream.empty() &&
         std::any_of(concerned_.begin(), concerned_.end(),
                     [&](const StreamId& id) { return id.view().starts_with(stream); });
}

Result<std::optional<ReceivedChunk>> QuarantineReturn::ChunkFrom(
    const std::vector<QuarantinedEntry>& run) const {
  const QuarantinedEntry& first = run.front();
  const Stream* stream = streams_.Find(first.stream);
  const bool joins =
      stream != nullptr &&
      std::any_of(stream->branches.begin(), stream->branches.end(),
                  [&](const BranchRow& branch) { return branch.peaks.size() >= first.index; });
  if (!joins) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const auto checkpoints, quarantine_.Checkpoints(first.stream, first.branch));
  const auto close = std::find_if(
      checkpoints.begin(), checkpoints.end(),
      [&](const Checkpoint& checkpoint) { return checkpoint.size <= first.index + run.size(); });
  if (close == checkpoints.end() || close->size <= first.index) {
    return std::nullopt;
  }
  ReceivedChunk chunk;
  chunk.stream = Bytes(first.stream.view());
  chunk.from = first.index;
  chunk.close.signature = close->signature;
  for (const QuarantinedEntry& entry : run) {
    if (entry.index < close->size) {
      CHIBO_TRY_VALUE(Bytes body, quarantine_.Body(entry));
      chunk.entries.push_back({entry.header, std::move(body)});
    }
  }
  return chunk;
}

Result<std::vector<ReceivedChunk>> QuarantineReturn::Chunks() const {
  CHIBO_TRY_VALUE(auto entries, quarantine_.Entries());
  std::vector<ReceivedChunk> chunks;
  for (const auto& run : RunsOf(std::move(entries))) {
    auto chunk = ChunkFrom(run);
    if (!chunk && chunk.error().code == Code::kDamaged) {
      continue;  // it has rotted on in here
    }
    CHIBO_TRY(chunk);
    if (*chunk) {
      chunks.push_back(**std::move(chunk));
    }
  }
  return chunks;
}

// A text that is here and not where the entry came from is not to be dropped.
Result<bool> QuarantineReturn::HasAllOf(const Stream& stream, const StoredEntry& held,
                                        const QuarantinedEntry& entry) const {
  const auto body = quarantine_.Body(entry);
  if (!entry.whole || !body || held.body == *body) {
    return true;
  }
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream.no));
  const auto kept = DecodeEntry(stream.id, entry.index, entry.header, *body, secrets);
  CHIBO_TRY_VALUE(const Entry now,
                  DecodeEntry(stream.id, held.index, held.header, held.body, secrets));
  if (!kept || kept->records.size() != now.records.size()) {
    return true;
  }
  for (std::size_t i = 0; i < now.records.size(); ++i) {
    if (kept->records[i].payload && !now.records[i].payload) {
      return false;
    }
  }
  return true;
}

// Of what was damaged something is right: the leaf, or the header. Of what was missing nothing is
// known but its place.
Result<bool> QuarantineReturn::IsHeld(const QuarantinedEntry& entry, const Stream& stream) const {
  for (const BranchRow& branch : stream.branches) {
    if (entry.index < branch.fork_at || entry.index >= branch.peaks.size()) {
      continue;
    }
    const auto read = log_.ReadEntries(stream.no, branch.branch, entry.index, 1, 0);
    if (!read && read.error().code == Code::kDamaged) {
      continue;
    }
    CHIBO_TRY(read);
    const StoredEntry& held = read->front();
    const bool same = held.leaf.view() == entry.leaf ||
                      (!entry.whole && (entry.header.empty() || held.header == entry.header));
    if (same) {
      return HasAllOf(stream, held, entry);
    }
  }
  return false;
}

Status QuarantineReturn::DropHeld() {
  CHIBO_TRY_VALUE(const auto entries, quarantine_.Entries());
  for (const QuarantinedEntry& entry : entries) {
    const Stream* stream = streams_.Find(entry.stream);
    if (stream == nullptr) {
      continue;
    }
    CHIBO_TRY_VALUE(const bool held, IsHeld(entry, *stream));
    if (held) {
      CHIBO_TRY(quarantine_.Drop(entry));
    }
  }
  return quarantine_.DropLeftovers();
}

Result<std::optional<QuarantineReturn::Known>> QuarantineReturn::DeviceWith(
    const ViewStore& view, const UnitId& keeper, const DhPublicKey& key) const {
  CHIBO_TRY_VALUE(const auto entries, quarantine_.Entries());
  CertificateSearch search(keeper, key);
  bool waiting = false;
  for (const QuarantinedEntry& entry : entries) {
    waiting = waiting || !entry.given_up;
    const auto body = quarantine_.Body(entry);
    const auto header = ParseHeader(entry.header, entry.index);
    if (entry.whole && body && header) {
      for (const auto& [position, record] : RecordsIn(header->slots, *body)) {
        search.Look(record, entry.own);
      }
    }
  }
  if (!waiting) {
    return std::nullopt;
  }
  // It may be held, and rest on one that is in here.
  for (const auto kind : {pb::Record::kCertificate, pb::Record::kRevocation, pb::Record::kCopy}) {
    CHIBO_TRY_VALUE(const auto facts, view.FactsOf(KeyOfKind(kind)));
    for (const Fact& fact : facts) {
      if (fact.record != nullptr) {
        search.Look(*fact.record, fact.unit == keeper);
      }
    }
  }
  return search.Found();
}

}  // namespace chibo
