#include "sync/chunk_sender.h"

#include <algorithm>
#include <utility>

#include "proto/crypto.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "sync/chunk_window.h"
#include "sync/frame.h"
#include "sync/stream_compare.h"

namespace chibo {
namespace {

// Text packs to a fifth or better: enough raw bytes to fill a chunk, not many more.
constexpr std::size_t kRawPerPacked = 8;
constexpr std::size_t kSpoolHashBytes = 16;
// A shorter first part costs more in overhead than it brings.
constexpr std::size_t kPartBytesMin = 64;
// Type and size of a frame, tag and size of a part in a head.
constexpr std::size_t kPartOverhead = 8;

bool PrefixIs(ByteView packed, const pb::Spooled& spooled) {
  return packed.size() > spooled.length() &&
         Sha256(packed.substr(0, spooled.length())).view().substr(0, kSpoolHashBytes) ==
             spooled.hash();
}

}  // namespace

void ChunkSender::Enqueue(const SendRange& range) {
  SendRange rest = range;
  if (current_ && current_->stale && current_->range.stream == range.stream &&
      current_->range.branch == range.branch && current_->range.from == range.from &&
      current_->range.to <= range.to) {
    current_->stale = false;
    rest.from = current_->range.to;
  }
  if (rest.from < rest.to) {
    queue_.push_back(rest);
  }
}

void ChunkSender::Restart() {
  queue_.clear();
  unanswered_.clear();
  unanswered_cost_ = 0;
  if (current_) {
    current_->stale = true;
  }
}

void ChunkSender::Forget(const StreamId& stream) {
  const auto concerned = [&](const SendRange& range) {
    outbox_broken_ = outbox_broken_ || (range.stream == stream && range.outbox > 0);
    return range.stream == stream;
  };
  std::erase_if(queue_, concerned);
  std::erase_if(unanswered_, [&](const Sent& sent) {
    if (sent.range.stream != stream) {
      return false;
    }
    unanswered_cost_ -= sent.cost;
    cost_done_ += sent.cost;
    return true;
  });
  if (current_ && concerned(current_->range)) {
    current_.reset();
  }
}

bool ChunkSender::concerns(const StreamId& stream) const {
  const auto same = [&](const SendRange& range) { return range.stream == stream; };
  return std::any_of(queue_.begin(), queue_.end(), same) || (current_ && same(current_->range)) ||
         std::any_of(unanswered_.begin(), unanswered_.end(),
                     [&](const Sent& sent) { return same(sent.range); });
}

bool ChunkSender::Fill(Bytes& message, std::size_t message_bytes_max,
                       std::size_t beginning_bytes_max) {
  bool added = false;
  while (true) {
    if (current_ && current_->stale) {
      current_.reset();
    }
    if (!current_) {
      const bool window_full = unanswered_cost_ > 0 && unanswered_cost_ >= window_;
      if (queue_.empty() || window_full) {
        return added;
      }
      const StreamId stream = queue_.front().stream;
      if (const Status begun = Begin(); !begun) {
        Forget(stream);
        failures_.push_back({stream, begun.error()});
        continue;
      }
    }
    if (!AddPart(message, message_bytes_max, beginning_bytes_max)) {
      return added;
    }
    added = true;
    if (current_) {
      return added;  // the rest goes into the next message
    }
  }
}

const pb::Spooled* ChunkSender::SpooledFor(const SendRange& range) const {
  for (const pb::Spooled& spooled : spooled_) {
    const bool fits = IsStreamName(spooled.stream()) &&
                      range.stream.view().starts_with(spooled.stream()) &&
                      spooled.from() == range.from && spooled.count() > 0 &&
                      spooled.count() <= range.to - range.from;
    if (fits) {
      return &spooled;
    }
  }
  return nullptr;
}

// Packing is deterministic, so the chunk that was cut off comes out again from the same entries.
Result<PackedChunk> ChunkSender::Pack(const SendRange& range, const pb::Spooled* spooled) {
  const std::uint64_t to = spooled != nullptr ? range.from + spooled->count() : range.to;
  const std::size_t raw_bytes_max =
      spooled != nullptr ? limits::kChunkRawBytesMax : chunk_bytes_aim_ * kRawPerPacked;
  CHIBO_TRY_VALUE(const std::vector<EntryBytes> entries,
                  exchange_.Read(range.stream, range.branch, range.from, to, raw_bytes_max));
  if (entries.empty() || entries.size() > to - range.from) {
    return Fail(Code::kDamaged, "entries_missing", range.stream.hex());
  }
  // What is packed depends on the entries alone, so all of them in one try.
  const std::size_t aim = spooled != nullptr ? limits::kChunkPackedBytesMax : chunk_bytes_aim_;
  return PackChunk(entries, aim, dictionary_max_);
}

Status ChunkSender::Begin() {
  SendRange& range = queue_.front();
  const pb::Spooled* spooled = SpooledFor(range);
  PackedChunk packed;
  if (spooled != nullptr) {
    CHIBO_TRY_VALUE(packed, Pack(range, spooled));
    if (packed.count != spooled->count() || !PrefixIs(packed.packed, *spooled)) {
      spooled = nullptr;
    }
  }
  if (spooled == nullptr) {
    CHIBO_TRY_VALUE(packed, Pack(range, nullptr));
  }
  Current chunk;
  chunk.range = range;
  chunk.range.to = range.from + packed.count;
  pb::ChunkHead& head = chunk.head;
  head.set_stream(WireName(exchange_, range.stream));
  head.set_from(range.from);
  head.set_count(packed.count);
  head.set_codec(packed.codec);
  head.set_dictionary(packed.dictionary);
  head.set_raw_bytes(packed.raw_bytes);
  head.set_branch(range.branch);
  CHIBO_TRY_VALUE(const ChunkClose close,
                  exchange_.Close(range.stream, range.branch, chunk.range.to));
  head.set_signature(Bytes(close.signature.view()));
  if (close.signed_size > chunk.range.to) {
    head.set_signed_size(close.signed_size);
    head.set_signed_root(Bytes(close.signed_root.view()));
    for (const Hash& hash : close.proof) {
      head.add_proof(Bytes(hash.view()));
    }
  }
  if (range.from == 0) {
    CHIBO_TRY_VALUE(const StreamSecrets secrets, exchange_.SecretsFor(range.stream));
    for (const auto& secret : secrets) {
      head.add_secrets(secret ? Bytes(secret->view()) : Bytes());
    }
  }
  if (spooled != nullptr) {
    chunk.sent = spooled->length();
    head.set_offset(spooled->length());
    bytes_resumed_ += spooled->length();
  }
  chunk.packed = std::move(packed.packed);
  range.from = chunk.range.to;
  if (range.from == range.to) {
    head.set_outbox(outbox_broken_ ? 0 : range.outbox);
    queue_.pop_front();
  } else {
    chunk.range.outbox = 0;
  }
  current_ = std::move(chunk);
  return {};
}

bool ChunkSender::AddPart(Bytes& message, std::size_t message_bytes_max,
                          std::size_t beginning_bytes_max) {
  Current& chunk = *current_;
  const std::size_t overhead = kPartOverhead + (chunk.begun ? 0 : chunk.head.ByteSizeLong());
  const std::size_t used = message.size() + overhead;
  const std::size_t left = chunk.packed.size() - chunk.sent;
  const std::size_t room = used < message_bytes_max ? message_bytes_max - used : 0;
  std::size_t size = room < left ? std::min(room, beginning_bytes_max) : left;
  if (size < left && size < kPartBytesMin) {
    if (!message.empty()) {
      return false;
    }
    size = std::min(left, kPartBytesMin);
  }
  const auto add = [&](std::size_t part_bytes) {
    const ByteView part = ByteView(chunk.packed).substr(chunk.sent, part_bytes);
    if (chunk.begun) {
      AppendFrame(message, FrameType::kChunkPart, part);
      return;
    }
    pb::ChunkHead head = chunk.head;
    head.set_part(Bytes(part));
    head.set_packed_bytes(
        part.size() == chunk.packed.size() ? 0 : static_cast<std::uint32_t>(chunk.packed.size()));
    AppendFrame(message, FrameType::kChunkHead, CanonicalBytes(head));
  };
  const std::size_t before = message.size();
  add(size);
  if (const std::size_t over = message.size() % kPadTo; size < left && over > 0 && over < size) {
    // More follows anyway: leave no room to padding.
    message.resize(before);
    size -= over;
    add(size);
  }
  chunk.begun = true;
  chunk.sent += size;
  if (chunk.sent == chunk.packed.size()) {
    entries_sent_ += chunk.range.to - chunk.range.from;
    const std::uint64_t cost = WindowCost(chunk.packed.size());
    unanswered_.push_back({chunk.range, cost});
    unanswered_cost_ += cost;
    current_.reset();
  }
  return true;
}

Status ChunkSender::HandleHeld(const pb::Held& held) {
  for (auto sent = unanswered_.begin(); sent != unanswered_.end(); ++sent) {
    const SendRange& range = sent->range;
    if (range.to != held.size() || !range.stream.view().starts_with(held.stream())) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto root, exchange_.RootAt(range.stream, range.branch, range.to));
    if (!root || RootPrefix(*root) != held.root()) {
      continue;  // another branch of the same stream may have been meant
    }
    unanswered_cost_ -= sent->cost;
    cost_done_ += sent->cost;
    unanswered_.erase(sent);
    return {};
  }
  return Fail(Code::kBadProof, "acknowledged_what_was_not_sent");
}

void ChunkSender::HandleDone(std::uint64_t cost) {
  while (!unanswered_.empty() && cost_done_ + unanswered_.front().cost <= cost) {
    cost_done_ += unanswered_.front().cost;
    unanswered_cost_ -= unanswered_.front().cost;
    unanswered_.pop_front();
  }
}

}  // namespace chibo
