#include "node/chunk_check.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/planted.h"
#include "node/missing_text.h"
#include "proto/checkpoint.h"
#include "proto/limits.h"

namespace chibo {
namespace {

// Secrets that came with the chunk, each checked against its commitment in the genesis.
Result<StreamSecrets> NewSecrets(const Stream& stream, const ReceivedChunk& chunk,
                                 const StreamSecrets& held) {
  StreamSecrets fresh;
  for (std::size_t reach = 0; reach < fresh.size(); ++reach) {
    const auto& secret = chunk.secrets[reach];
    if (!secret || held[reach]) {
      continue;
    }
    const Hash commitment = SecretCommitment(static_cast<pb::Reach>(reach), *secret);
    if (static_cast<int>(reach) >= stream.genesis.salts_size() ||
        stream.genesis.salts(static_cast<int>(reach)) != commitment.view()) {
      return Fail(Code::kBadProof, "stream_secret_wrong", stream.id.hex());
    }
    fresh[reach] = secret;
  }
  return fresh;
}

struct Incoming {
  std::vector<Entry> entries;
  std::vector<Hash> leaves;
};

Result<Incoming> Decode(const Stream& stream, const ReceivedChunk& chunk,
                        const StreamSecrets& secrets) {
  Incoming incoming;
  std::uint64_t index = chunk.from;
  for (const EntryBytes& bytes : chunk.entries) {
    CHIBO_TRY_VALUE(Entry entry, DecodeEntry(stream.id, index, bytes.header, bytes.body, secrets));
    if (CHIBO_PLANT(
            kUnknownKindRefused, false,
            index > 0 && TraitsOf(ParseHeader(bytes.header, index)->slots[0].kind) == nullptr)) {
      return Fail(Code::kUnsupported, "chunk_codec_not_known");
    }
    incoming.leaves.push_back(EntryLeaf(stream.id, index, entry));
    incoming.entries.push_back(std::move(entry));
    ++index;
  }
  return incoming;
}

// A branch that the chunk may continue, and how many of the chunk's entries it already holds.
struct Place {
  std::uint32_t branch = 0;
  std::uint64_t agreed = 0;  // entries of the chunk, from its front, that stand there already
  bool ends = true;          // nothing of the branch lies past them: append; else a fork
};

// All branches that reach to where the chunk starts, the likeliest first. Which of them it
// continues its entries do not say when they differ from all that is held: only the signature does.
Result<std::vector<Place>> FindPlaces(const Stream& stream, const LogStore& log, std::uint64_t from,
                                      const std::vector<Hash>& leaves) {
  std::vector<Place> places;
  if (stream.branches.empty() && from == 0) {
    places.emplace_back();
  }
  for (const BranchRow& branch : stream.branches) {
    const std::uint64_t size = branch.peaks.size();
    if (size < from) {
      continue;
    }
    const std::uint64_t overlap = std::min<std::uint64_t>(size - from, leaves.size());
    // The common case, a chunk that goes on where the branch ends, reads nothing.
    std::vector<Hash> held;
    if (overlap > 0) {
      CHIBO_TRY_VALUE(held, log.Leaves(stream.no, branch.branch, from + overlap));
    }
    std::uint64_t agreed = 0;
    while (agreed < overlap && held[from + agreed] == leaves[agreed]) {
      ++agreed;
    }
    const bool ends = agreed == leaves.size() || from + agreed == size;
    places.push_back({branch.branch, agreed, ends});
  }
  if (places.empty()) {
    return Fail(Code::kBehind, "chunk_past_what_is_held", stream.id.hex());
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tuple(!a.ends, b.agreed) < std::tuple(!b.ends, a.agreed);
  });
  return places;
}

Status CheckClose(const NetworkId& network, const Stream& stream, const ChunkClose& close,
                  std::uint64_t end, const Hash& root) {
  const std::uint64_t signed_size = close.signed_size == 0 ? end : close.signed_size;
  if (signed_size < end) {
    return Fail(Code::kBadProof, "chunk_close_too_short", stream.id.hex());
  }
  Hash signed_root = root;
  if (signed_size > end) {
    CHIBO_TRY(VerifyConsistency(end, root, signed_size, close.signed_root, close.proof));
    signed_root = close.signed_root;
  }
  return CHIBO_PLANT(kCheckpointNotChecked,
                     VerifyCheckpoint(stream.device, network, {stream.id, signed_size, signed_root},
                                      close.signature),
                     Status());
}

std::uint32_t NextBranch(const Stream& stream) {
  std::uint32_t next = 0;
  for (const BranchRow& branch : stream.branches) {
    next = std::max(next, branch.branch + 1);
  }
  return next;
}

// The branch that holds the entry before `index` of this one.
std::uint32_t HolderBelow(const Stream& stream, std::uint32_t branch, std::uint64_t index) {
  const BranchRow* row = stream.FindBranch(branch);
  while (row != nullptr && row->branch != 0 && index <= row->fork_at) {
    row = stream.FindBranch(row->parent);
  }
  return row == nullptr ? 0 : row->branch;
}

// Puts what is held of an entry beside what came of it; whether that makes more of it readable.
bool Merge(const Entry& held, Entry& came) {
  bool more = false;
  for (std::size_t position = 0; position < came.records.size(); ++position) {
    if (held.records[position].payload && !came.records[position].payload) {
      came.records[position] = held.records[position];
    }
    more = more || (came.records[position].payload && !held.records[position].payload);
  }
  return more;
}

// What the chunk lets be read of entries that are held already.
Status FindOpened(const Stream& stream, const LogStore& log, const ReceivedChunk& chunk,
                  const StreamSecrets& secrets, Incoming& incoming, CheckedChunk& checked) {
  std::vector<StoredEntry> held;
  if (checked.again > 0) {
    CHIBO_TRY_VALUE(held,
                    log.ReadEntries(stream.no, checked.along, chunk.from, checked.again, SIZE_MAX));
  }
  for (std::uint64_t i = 0; i < held.size(); ++i) {
    Entry& entry = incoming.entries[i];
    const std::uint64_t index = held[i].index;
    bool more = false;
    // Withheld records take 33 bytes each: equal bodies are the rule.
    if (held[i].body != EncodeBody(entry)) {
      CHIBO_TRY_VALUE(const Entry known,
                      DecodeEntry(stream.id, index, held[i].header, held[i].body, secrets));
      more = Merge(known, entry);
    }
    if (LacksText(entry)) {
      checked.lacking.push_back(index);
    }
    if (more) {
      checked.opened.push_back(
          {HolderBelow(stream, checked.along, index + 1), index, std::move(entry)});
    }
  }
  return {};
}

// The chunk at this place, if its writer has signed what it comes to there.
Result<Streams::Appended> Continue(const NetworkId& network, const Streams& streams,
                                   const Stream& stream, const ReceivedChunk& chunk,
                                   const Incoming& incoming, const Place& place) {
  const std::uint64_t start = chunk.from + place.agreed;
  MerklePeaks peaks;
  if (start > 0) {
    CHIBO_TRY_VALUE(peaks, streams.PeaksAt(stream, place.branch, start));
  }
  for (std::uint64_t i = place.agreed; i < incoming.leaves.size(); ++i) {
    peaks.Append(incoming.leaves[i]);
  }
  const std::uint64_t end = chunk.from + chunk.entries.size();
  CHIBO_TRY(CheckClose(network, stream, chunk.close, end, peaks.Root()));
  Streams::Appended append;
  append.branch = place.branch;
  if (!place.ends) {
    append.branch = NextBranch(stream);
    append.parent = HolderBelow(stream, place.branch, start);
    append.fork_at = start;
  }
  append.peaks = std::move(peaks);
  append.signed_size = chunk.close.signed_size == 0 ? end : chunk.close.signed_size;
  append.signature = chunk.close.signature;
  for (std::uint64_t i = place.agreed; i < incoming.entries.size(); ++i) {
    append.entries.push_back(
        {chunk.from + i, chunk.entries[i].header, chunk.entries[i].body, incoming.leaves[i]});
  }
  return append;
}

}  // namespace

Result<CheckedChunk> CheckChunk(const NetworkId& network, const Streams& streams,
                                const LogStore& log, const ReceivedChunk& chunk) {
  CheckedChunk checked;
  CHIBO_TRY_VALUE(checked.stream, streams.FindByPrefix(chunk.stream));
  Stream fresh;
  if (checked.stream == nullptr) {
    if (chunk.from != 0 || chunk.entries.empty()) {
      return Fail(Code::kBehind, "stream_not_held", ToHex(chunk.stream));
    }
    CHIBO_TRY_VALUE(fresh, Streams::ReadGenesis(network, chunk.entries.front().header));
    if (fresh.id.view().substr(0, chunk.stream.size()) != chunk.stream) {
      return Fail(Code::kBadProof, "genesis_of_another_stream", ToHex(chunk.stream));
    }
    checked.genesis = chunk.entries.front().header;
  }
  const Stream& stream = checked.stream == nullptr ? fresh : *checked.stream;
  StreamSecrets secrets;
  if (checked.stream != nullptr) {
    CHIBO_TRY_VALUE(secrets, log.Secrets(stream.no));
  }
  CHIBO_TRY_VALUE(checked.new_secrets, NewSecrets(stream, chunk, secrets));
  for (std::size_t reach = 0; reach < secrets.size(); ++reach) {
    if (checked.new_secrets[reach]) {
      secrets[reach] = checked.new_secrets[reach];
    }
  }

  CHIBO_TRY_VALUE(Incoming incoming, Decode(stream, chunk, secrets));
  CHIBO_TRY_VALUE(const auto places, FindPlaces(stream, log, chunk.from, incoming.leaves));
  auto append = Continue(network, streams, stream, chunk, incoming, places.front());
  for (std::size_t i = 1; i < places.size() && !append; ++i) {
    if (auto other = Continue(network, streams, stream, chunk, incoming, places[i])) {
      append = std::move(other);
    }
  }
  CHIBO_TRY_VALUE(checked.append, std::move(append));
  checked.again = incoming.entries.size() - checked.append.entries.size();
  checked.along = checked.append.fork_at > 0 ? checked.append.parent : checked.append.branch;
  checked.lacks_secret = stream.genesis.salts_size() > pb::PARENT && !secrets[pb::PARENT];
  CHIBO_TRY(FindOpened(stream, log, chunk, secrets, incoming, checked));
  for (std::uint64_t i = checked.again; i < incoming.entries.size(); ++i) {
    if (LacksText(incoming.entries[i])) {
      checked.lacking.push_back(chunk.from + i);
    }
    checked.entries.push_back(std::move(incoming.entries[i]));
  }
  return checked;
}

}  // namespace chibo
