#include "sync/chunk_receiver.h"

#include <limits>
#include <utility>

#include "proto/crypto.h"
#include "proto/limits.h"
#include "sync/chunk_window.h"
#include "sync/stream_compare.h"

namespace chibo {
namespace {

// Two of the largest chunks: the writer never waits for this session, and 500 sessions fit a small
// server.
constexpr std::size_t kUncommittedRawBytesMax = 2 * limits::kChunkRawBytesMax;
// One transaction's worth: more would only wait in another queue.
constexpr std::size_t kUncommittedChunksMax = 512;
// A consistency proof is at most twice the height of the tree.
constexpr int kProofHashesMax = 128;

bool IsCloseWellFormed(const pb::ChunkHead& head) {
  if (head.signature().size() != Signature::kSize || head.proof_size() > kProofHashesMax) {
    return false;
  }
  for (const Bytes& hash : head.proof()) {
    if (hash.size() != Hash::kSize) {
      return false;
    }
  }
  const bool past = head.signed_size() != 0;
  return head.signed_root().size() == (past ? Hash::kSize : 0) && (past || head.proof_size() == 0);
}

Status CheckHead(const pb::ChunkHead& head) {
  const std::uint64_t end_max = std::numeric_limits<std::uint64_t>::max();
  const bool in_range = head.count() > 0 && head.from() <= end_max - head.count();
  if (!IsStreamName(head.stream()) || !in_range || !IsCloseWellFormed(head) ||
      (head.signed_size() != 0 && head.signed_size() <= head.from() + head.count())) {
    return Fail(Code::kMalformed, "chunk_head_malformed");
  }
  if (head.secrets_size() > 2) {
    return Fail(Code::kMalformed, "chunk_head_malformed");
  }
  for (const Bytes& secret : head.secrets()) {
    if (!secret.empty() && secret.size() != StreamSecret::kSize) {
      return Fail(Code::kMalformed, "chunk_head_malformed");
    }
  }
  if (head.raw_bytes() > limits::kChunkRawBytesMax ||
      head.packed_bytes() > limits::kChunkPackedBytesMax ||
      head.part().size() > limits::kChunkPackedBytesMax) {
    return Fail(Code::kTooLarge, "chunk_too_large");
  }
  return {};
}

}  // namespace

void ChunkReceiver::FollowOutbox(Bytes lineage, std::uint64_t cursor) {
  follows_outbox_ = true;
  lineage_ = std::move(lineage);
  cursor_ = cursor;
}

Status ChunkReceiver::HandleHead(pb::ChunkHead head) {
  CHIBO_TRY(CheckHead(head));
  const Bytes part = std::move(*head.mutable_part());
  head.clear_part();
  if (head.packed_bytes() == 0) {
    head.set_packed_bytes(static_cast<std::uint32_t>(part.size()));
  }
  if (head.packed_bytes() == 0 || head.offset() >= head.packed_bytes()) {
    return Fail(Code::kMalformed, "chunk_head_malformed");
  }
  packed_.clear();
  head_ = std::move(head);
  if (head_->offset() > 0) {
    CHIBO_TRY(TakeSpooled());
  }
  return AddPart(part);
}

Status ChunkReceiver::TakeSpooled() {
  for (auto& [spooled, bytes] : exchange_.Spool()) {
    const bool same = spooled.stream().starts_with(head_->stream()) ||
                      head_->stream().starts_with(spooled.stream());
    if (same && spooled.from() == head_->from() && spooled.count() == head_->count() &&
        bytes.size() == head_->offset()) {
      packed_ = std::move(bytes);
      return {};
    }
  }
  return Fail(Code::kMalformed, "chunk_resumed_elsewhere");
}

Status ChunkReceiver::HandlePart(ByteView part) {
  if (!head_) {
    return Fail(Code::kMalformed, "chunk_part_without_head");
  }
  return AddPart(part);
}

Status ChunkReceiver::AddPart(ByteView part) {
  if (part.size() > head_->packed_bytes() - packed_.size()) {
    return Fail(Code::kMalformed, "chunk_longer_than_it_says");
  }
  packed_ += part;
  if (packed_.size() < head_->packed_bytes()) {
    if (spooling_) {
      exchange_.PutSpool(*head_, packed_);
    }
    return {};
  }
  const std::uint64_t cost = WindowCost(packed_.size());
  if (ready_cost_ + cost > limits::kWindowBytes + WindowCost(limits::kChunkPackedBytesMax)) {
    return Fail(Code::kTooLarge, "window_exceeded");
  }
  if (spooling_) {
    exchange_.DropSpool(head_->stream());
  }
  ready_cost_ += cost;
  ready_.push_back({*std::exchange(head_, std::nullopt), std::move(packed_)});
  packed_.clear();
  held_back_ += holding_ ? 1 : 0;
  return {};
}

Result<ReceivedChunk> ChunkReceiver::Unpack(const Ready& ready) {
  const pb::ChunkHead& head = ready.head;
  ReceivedChunk chunk;
  CHIBO_TRY_VALUE(chunk.entries, UnpackChunk(head.count(), head.codec(), head.dictionary(),
                                             head.raw_bytes(), ready.packed));
  chunk.stream = head.stream();
  chunk.from = head.from();
  chunk.branch = head.branch();
  chunk.close.signed_size = head.signed_size();
  chunk.close.signature = Signature::FromChecked(head.signature());
  if (head.signed_size() != 0) {
    chunk.close.signed_root = Hash::FromChecked(head.signed_root());
  }
  for (const Bytes& hash : head.proof()) {
    chunk.close.proof.push_back(Hash::FromChecked(hash));
  }
  for (int reach = 0; reach < head.secrets_size(); ++reach) {
    chunk.secrets[static_cast<std::size_t>(reach)] = StreamSecret::From(head.secrets(reach));
  }
  if (follows_outbox_ && head.outbox() > cursor_) {
    chunk.outbox = head.outbox();
    chunk.cursor_after = cursor_;
    chunk.lineage = lineage_;
    cursor_ = head.outbox();
  }
  return chunk;
}

Result<std::vector<ChunkReceiver::Outcome>> ChunkReceiver::SubmitReady() {
  std::vector<Outcome> refused;
  while (ready_.size() > held_back_) {
    const Ready& ready = ready_.front();
    const std::uint64_t cost = WindowCost(ready.packed.size());
    const std::size_t raw_bytes = ready.head.raw_bytes();
    const bool full = submitted_raw_bytes_ + raw_bytes > kUncommittedRawBytesMax ||
                      submitted_.size() >= kUncommittedChunksMax;
    if (!submitted_.empty() && full) {
      break;
    }
    const std::uint64_t to = ready.head.from() + ready.head.count();
    auto chunk = Unpack(ready);
    if (chunk) {
      chunk->ticket = next_ticket_++;
      submitted_[chunk->ticket] = {chunk->stream, chunk->from, to, cost, raw_bytes};
      submitted_raw_bytes_ += raw_bytes;
      exchange_.Submit(*std::move(chunk));
    } else if (chunk.error().code == Code::kUnsupported) {
      refused.push_back({ready.head.stream(), ready.head.from(), to, chunk.error(), std::nullopt});
      cost_done_ += cost;
    } else {
      return tl::unexpected(chunk.error());
    }
    ready_cost_ -= cost;
    ready_.pop_front();
  }
  return refused;
}

void ChunkReceiver::SubmitCursor(std::uint64_t cursor, Bytes lineage) {
  ReceivedChunk chunk;
  chunk.ticket = next_ticket_++;
  chunk.outbox = cursor;
  chunk.lineage = lineage;
  submitted_[chunk.ticket] = {};
  FollowOutbox(std::move(lineage), cursor);
  exchange_.Submit(std::move(chunk));
}

std::optional<ChunkReceiver::Outcome> ChunkReceiver::HandleReport(const CommitReport& report) {
  const auto found = submitted_.find(report.ticket);
  if (found == submitted_.end()) {
    return std::nullopt;
  }
  Submitted chunk = std::move(found->second);
  submitted_.erase(found);
  submitted_raw_bytes_ -= chunk.raw_bytes;
  cost_done_ += chunk.cost;
  if (!report.error) {
    entries_received_ += chunk.to - chunk.from;
  }
  return Outcome{std::move(chunk.stream), chunk.from, chunk.to, report.error, report.held};
}

void ChunkReceiver::Hold() { holding_ = true; }

}  // namespace chibo
