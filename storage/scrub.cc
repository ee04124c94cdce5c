#include "storage/scrub.h"

#include <algorithm>
#include <map>
#include <utility>

#include "proto/checkpoint.h"
#include "storage/mend.h"
#include "storage/places.h"
#include "storage/query.h"

namespace chibo {
namespace {

// More entries than that are not taken to be missing from a branch because a number says so.
constexpr std::uint64_t kMissingMax = 100'000;

// A branch's row, not yet believed.
struct Head {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
  std::uint64_t fork_at = 0;
  std::uint64_t size = 0;
  Bytes peaks;
  std::uint64_t signed_size = 0;
  Bytes signature;
};

class StreamScrub {
 public:
  StreamScrub(SqlConnection& sql, const AtRest& at_rest, const NetworkId& network, StreamNo no)
      : sql_(sql), at_rest_(at_rest), network_(network) {
    found_.no = no;
  }

  Result<ScrubbedStream> Run() {
    CHIBO_TRY(ReadStream());
    CHIBO_TRY(ReadSecrets());
    CHIBO_TRY_VALUE(const auto heads, Heads());
    for (const Head& head : heads) {
      CHIBO_TRY(ScrubBranch(head));
    }
    if (found_.secrets_bad) {
      for (ScrubbedBranch& branch : found_.branches) {
        for (branch.kept = branch.fork_at; const auto index : there_[branch.branch]) {
          branch.whole.insert(index);
        }
      }
    }
    return std::move(found_);
  }

 private:
  // How far a branch is vouched for, while its entries are gone through.
  struct Walk {
    MerklePeaks tree;
    std::uint64_t proven = 0;                   // by a signature, or by the head
    std::optional<std::uint64_t> contradicted;  // a claim past `proven` that does not hold
    bool head_holds = false;
    std::optional<Checkpoint> newest;
    bool signature_of_head_holds = false;
    std::vector<std::uint64_t> doubts;  // whose leaf, as it lies, is not of what lies beside it
  };
  using Signatures = std::multimap<std::uint64_t, Bytes>;

  Status ReadStream();
  Status ReadSecrets();
  Result<std::vector<Head>> Heads();
  Result<std::vector<Head>> HeadsThere();
  Result<Signatures> SignaturesOf(std::uint32_t branch);
  Status ScrubBranch(const Head& head);
  Result<std::uint64_t> GoThrough(const Head& head, const Signatures& signatures,
                                  ScrubbedBranch& branch, Walk& walk);
  void CheckClaims(const Head& head, const Signatures& signatures, ScrubbedBranch& branch,
                   Walk& walk) const;
  void Conclude(const Head& head, const Signatures& signatures, std::uint64_t readable,
                const Walk& walk, ScrubbedBranch& branch) const;
  Result<std::optional<Hash>> LeafOf(std::uint32_t branch, const RawEntry& raw);
  Result<std::optional<Hash>> FirstLeaf(const RawEntry& raw);
  Status FindWhole(const std::vector<std::uint64_t>& there, ScrubbedBranch& branch);
  std::optional<std::vector<Hash>> LeavesBelow(const ScrubbedBranch& branch) const;

  SqlConnection& sql_;
  const AtRest& at_rest_;
  const NetworkId& network_;
  ScrubbedStream found_;
  std::optional<SignPublicKey> device_;
  std::vector<Bytes> salts_;
  StreamSecrets secrets_;
  std::map<std::uint32_t, std::vector<std::uint64_t>> there_;  // by branch
};

// The genesis lies twice, in the stream's row and as entry 0, and its hash is the stream's id: of
// the three, two that agree show which one is damaged.
Status StreamScrub::ReadStream() {
  Bytes id;
  {
    CHIBO_TRY_VALUE(
        Query query,
        Query::Make(sql_, "SELECT id, own, genesis FROM stream WHERE no = $1", found_.no));
    CHIBO_TRY(query.Step());
    id = Bytes(query.BytesAt(0));
    found_.own = query.Int(1) != 0;
    found_.genesis = Bytes(query.BytesAt(2));
  }
  CHIBO_TRY_VALUE(const RawEntry first, ReadRaw(sql_, found_.no, 0, 0));
  found_.id = StreamId::From(id).value_or(StreamIdOf(found_.genesis));
  if (StreamIdOf(found_.genesis) != found_.id) {
    found_.row_differs = true;
    if (StreamIdOf(first.header) == found_.id) {
      found_.genesis = first.header;
    } else if (first.header == found_.genesis) {
      found_.id = StreamIdOf(found_.genesis);
    }
  }
  const auto header = ParseHeader(found_.genesis, 0);
  if (header && StreamIdOf(found_.genesis) == found_.id) {
    const pb::Genesis& genesis = header->message.genesis();
    device_ = SignPublicKey::From(genesis.device());
    salts_ = {genesis.salts().begin(), genesis.salts().end()};
  }
  return {};
}

Status StreamScrub::ReadSecrets() {
  CHIBO_TRY_VALUE(
      Query query,
      Query::Make(sql_, "SELECT reach, value FROM secret WHERE stream_no = $1", found_.no));
  CHIBO_TRY_VALUE(bool more, query.Step());
  while (more) {
    const std::uint64_t reach = query.UnsignedAt(0);
    const auto plain = at_rest_.Reveal(SecretPlace(found_.id, query.Int(0)), query.BytesAt(1));
    const auto secret = plain ? StreamSecret::From(*plain) : std::nullopt;
    const bool good =
        secret && reach < secrets_.size() && reach < salts_.size() &&
        SecretCommitment(static_cast<pb::Reach>(reach), *secret).view() == salts_[reach];
    found_.secrets_bad = found_.secrets_bad || !good;
    if (good) {
      secrets_[reach] = secret;
    }
    CHIBO_TRY_VALUE(more, query.Step());
  }
  return {};
}

Result<std::vector<Head>> StreamScrub::HeadsThere() {
  CHIBO_TRY_VALUE(Query query, Query::Make(sql_,
                                           "SELECT branch, parent, fork_at, size, peaks, "
                                           "signed_size, signature FROM branch "
                                           "WHERE stream_no = $1 ORDER BY branch",
                                           found_.no));
  std::vector<Head> heads;
  CHIBO_TRY_VALUE(bool more, query.Step());
  while (more) {
    heads.push_back({query.UnsignedAt<std::uint32_t>(0), query.UnsignedAt<std::uint32_t>(1),
                     query.UnsignedAt(2), query.UnsignedAt(3), Bytes(query.BytesAt(4)),
                     query.UnsignedAt(5), query.IsNull(6) ? Bytes() : Bytes(query.BytesAt(6))});
    CHIBO_TRY_VALUE(more, query.Step());
  }
  return heads;
}

// Also of branches whose own row is gone: an empty head, which nothing contradicts.
Result<std::vector<Head>> StreamScrub::Heads() {
  CHIBO_TRY_VALUE(auto heads, HeadsThere());
  std::set<std::uint32_t> known;
  for (const Head& head : heads) {
    known.insert(head.branch);
  }
  CHIBO_TRY_VALUE(const auto branches, BranchesWithEntries(sql_, found_.no));
  for (const std::uint32_t branch : branches) {
    if (known.insert(branch).second) {
      CHIBO_TRY_VALUE(const auto there, IndicesOf(sql_, found_.no, branch));
      Head& head = heads.emplace_back();
      head.branch = branch;
      head.fork_at = branch == 0 ? 0 : there.front();
    }
  }
  std::sort(heads.begin(), heads.end(),
            [](const Head& a, const Head& b) { return a.branch < b.branch; });
  return heads;
}

Result<StreamScrub::Signatures> StreamScrub::SignaturesOf(std::uint32_t branch) {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql_,
                              "SELECT size, signature FROM checkpoint WHERE stream_no = $1 AND "
                              "branch = $2 ORDER BY size",
                              found_.no, branch));
  Signatures signatures;
  CHIBO_TRY_VALUE(bool more, query.Step());
  while (more) {
    signatures.emplace(query.UnsignedAt(0), Bytes(query.BytesAt(1)));
    CHIBO_TRY_VALUE(more, query.Step());
  }
  return signatures;
}

std::optional<std::vector<Hash>> StreamScrub::LeavesBelow(const ScrubbedBranch& branch) const {
  if (branch.branch == 0) {
    return std::vector<Hash>();
  }
  const auto parent =
      std::find_if(found_.branches.begin(), found_.branches.end(),
                   [&](const ScrubbedBranch& other) { return other.branch == branch.parent; });
  if (branch.parent >= branch.branch || parent == found_.branches.end() || !parent->is_held() ||
      parent->kept < branch.fork_at) {
    return std::nullopt;
  }
  auto leaves = LeavesBelow(*parent);
  CHECK(leaves.has_value());
  leaves->resize(std::min<std::size_t>(leaves->size(), branch.fork_at));
  for (const Hash& leaf : parent->leaves) {
    if (leaves->size() < branch.fork_at) {
      leaves->push_back(leaf);
    }
  }
  return leaves;
}

// What entry 0 says is in the stream's row as well, so that it can always be written again.
Result<std::optional<Hash>> StreamScrub::FirstLeaf(const RawEntry& raw) {
  if (!device_) {
    return std::nullopt;
  }
  const Entry entry{found_.genesis, {}};
  const Hash leaf = EntryLeaf(found_.id, 0, entry);
  const auto body = at_rest_.Reveal(EntryPlace(found_.id, 0, 0), raw.body);
  found_.first_entry_differs = raw.header != found_.genesis || raw.leaf != leaf.view() || !body ||
                               *body != EncodeBody(entry);
  return leaf;
}

// Of the contents as they lie; nothing when they cannot be read.
Result<std::optional<Hash>> StreamScrub::LeafOf(std::uint32_t branch, const RawEntry& raw) {
  if (branch == 0 && raw.index == 0) {
    return FirstLeaf(raw);
  }
  const auto body = at_rest_.Reveal(EntryPlace(found_.id, branch, raw.index), raw.body);
  if (!raw.there || !body) {
    return std::nullopt;
  }
  const auto entry = DecodeEntry(found_.id, raw.index, raw.header, *body, secrets_);
  if (!entry) {
    found_.secrets_bad = found_.secrets_bad || entry.error().code == Code::kBehind;
    return std::nullopt;
  }
  return EntryLeaf(found_.id, raw.index, *entry);
}

void StreamScrub::CheckClaims(const Head& head, const Signatures& signatures,
                              ScrubbedBranch& branch, Walk& walk) const {
  const std::uint64_t size = walk.tree.size();
  const auto claim = [&](bool holds) {
    if (holds) {
      walk.proven = size;
      walk.contradicted.reset();
    } else if (walk.proven < size && !walk.contradicted) {
      walk.contradicted = size;
    }
    return holds;
  };
  const auto is_signed = [&](const Bytes& bytes) {
    const auto signature = Signature::From(bytes);
    const bool holds =
        signature && device_ &&
        VerifyCheckpoint(*device_, network_, {found_.id, size, walk.tree.Root()}, *signature);
    if (holds) {
      walk.newest = Checkpoint{size, *signature};
    }
    return claim(holds);
  };
  const auto [first, last] = signatures.equal_range(size);
  for (auto at = first; at != last; ++at) {
    if (!is_signed(at->second)) {
      branch.bad_checkpoints.insert(size);
    }
  }
  if (size == head.signed_size) {
    walk.signature_of_head_holds = is_signed(head.signature);
  }
  if (size == head.size) {
    walk.head_holds = claim(walk.tree.Encode() == head.peaks);
  }
}

// Reads entries, from where the branch leaves its parent, to the first that cannot be read.
Result<std::uint64_t> StreamScrub::GoThrough(const Head& head, const Signatures& signatures,
                                             ScrubbedBranch& branch, Walk& walk) {
  for (std::uint64_t index = branch.fork_at;; ++index) {
    CHIBO_TRY_VALUE(const RawEntry raw, ReadRaw(sql_, found_.no, branch.branch, index));
    const bool genesis = branch.branch == 0 && index == 0;
    CHIBO_TRY_VALUE(const auto leaf, LeafOf(branch.branch, raw));
    if (!leaf) {
      return index;
    }
    if (raw.leaf != leaf->view() && !genesis) {
      walk.doubts.push_back(index);
    }
    branch.leaves.push_back(*leaf);
    walk.tree.Append(*leaf);
    CheckClaims(head, signatures, branch, walk);
  }
}

void StreamScrub::Conclude(const Head& head, const Signatures& signatures, std::uint64_t readable,
                           const Walk& walk, ScrubbedBranch& branch) const {
  // What is vouched for is whole. Past it, what nothing speaks against: entries whose signature has
  // not come yet, or the ones before a damaged one.
  branch.kept = walk.proven;
  if (!walk.contradicted && !walk.head_holds) {
    const auto doubt = std::lower_bound(walk.doubts.begin(), walk.doubts.end(), walk.proven);
    branch.kept = doubt == walk.doubts.end() ? readable : *doubt;
  }
  branch.kept = std::max(branch.kept, branch.fork_at);
  for (const std::uint64_t index : walk.doubts) {
    if (index < branch.kept) {
      branch.leaves_differ.insert(index);
    }
  }
  branch.leaves.resize(static_cast<std::size_t>(branch.kept - branch.fork_at));
  branch.peaks = MerklePeaks();
  for (const auto& leaves : {*LeavesBelow(branch), branch.leaves}) {
    for (const Hash& leaf : leaves) {
      branch.peaks.Append(leaf);
    }
  }
  const bool head_is_signed = walk.signature_of_head_holds && head.signed_size <= branch.kept;
  if (head_is_signed) {
    branch.signed_size = head.signed_size;
    branch.signature = Signature::From(head.signature);
  } else if (walk.newest && walk.newest->size <= branch.kept) {
    branch.signed_size = walk.newest->size;
    branch.signature = walk.newest->signature;
  }
  const Bytes signature = branch.signature ? Bytes(branch.signature->view()) : Bytes();
  // What was signed last lies with the head as well.
  branch.head_differs = (branch.signature && !signatures.contains(branch.signed_size)) ||
                        head.size != branch.kept || head.peaks != branch.peaks.Encode() ||
                        head.signed_size != branch.signed_size || head.signature != signature;
}

Status StreamScrub::FindWhole(const std::vector<std::uint64_t>& there, ScrubbedBranch& branch) {
  for (const std::uint64_t index : there) {
    if (index < branch.kept) {
      continue;
    }
    CHIBO_TRY_VALUE(const RawEntry raw, ReadRaw(sql_, found_.no, branch.branch, index));
    const bool genesis = branch.branch == 0 && index == 0;
    CHIBO_TRY_VALUE(const auto leaf, LeafOf(branch.branch, raw));
    // Without its secret it cannot be held against its leaf, which says nothing against it.
    const bool whole = leaf ? leaf->view() == raw.leaf : found_.secrets_bad && raw.there;
    if (whole && !genesis) {
      branch.whole.insert(index);
    }
  }
  return {};
}

Status StreamScrub::ScrubBranch(const Head& head) {
  ScrubbedBranch branch;
  branch.branch = head.branch;
  branch.parent = head.parent;
  branch.fork_at = head.branch == 0 ? 0 : head.fork_at;
  CHIBO_TRY_VALUE(auto there, IndicesOf(sql_, found_.no, head.branch));
  std::sort(there.begin(), there.end());
  const std::uint64_t believed = branch.fork_at + there.size() + kMissingMax;
  const auto stray = std::lower_bound(there.begin(), there.end(), believed);
  branch.strays.assign(stray, there.end());
  there.erase(stray, there.end());
  there_[head.branch] = there;
  const std::uint64_t last = there.empty() ? branch.fork_at : there.back() + 1;
  // Of a size that does not even fit its peaks nothing follows.
  const bool fits = head.size <= believed && MerklePeaks::Decode(head.size, head.peaks);
  const std::uint64_t said = fits ? head.size : 0;
  branch.end = std::max({branch.fork_at, last, said});
  branch.kept = branch.fork_at;
  const auto below = LeavesBelow(branch);
  if (below && (!there.empty() || head.branch == 0)) {
    CHIBO_TRY_VALUE(const Signatures signatures, SignaturesOf(head.branch));
    Walk walk;
    for (const Hash& leaf : *below) {
      walk.tree.Append(leaf);
    }
    CHIBO_TRY_VALUE(const std::uint64_t readable, GoThrough(head, signatures, branch, walk));
    branch.end = std::max(branch.end, readable);
    Conclude(head, signatures, readable, walk, branch);
  }
  CHIBO_TRY(FindWhole(there, branch));
  found_.branches.push_back(std::move(branch));
  return {};
}

}  // namespace

bool ScrubbedStream::is_cut() const {
  return branches.empty() ||
         std::any_of(branches.begin(), branches.end(),
                     [](const ScrubbedBranch& branch) { return branch.is_cut(); });
}

bool ScrubbedStream::is_damaged() const {
  return row_differs || first_entry_differs || secrets_bad || is_cut() ||
         std::any_of(branches.begin(), branches.end(), [](const ScrubbedBranch& branch) {
           return branch.head_differs || !branch.strays.empty() || !branch.leaves_differ.empty() ||
                  !branch.bad_checkpoints.empty();
         });
}

Result<std::vector<ScrubbedStream>> ScrubStreams(SqlConnection& sql, const AtRest& at_rest,
                                                 const NetworkId& network) {
  std::vector<StreamNo> numbers;
  {
    CHIBO_TRY_VALUE(Query query, Query::Make(sql, "SELECT no FROM stream ORDER BY no"));
    CHIBO_TRY_VALUE(bool more, query.Step());
    while (more) {
      numbers.push_back(query.Int(0));
      CHIBO_TRY_VALUE(more, query.Step());
    }
  }
  std::vector<ScrubbedStream> streams;
  for (const StreamNo no : numbers) {
    CHIBO_TRY_VALUE(streams.emplace_back(), StreamScrub(sql, at_rest, network, no).Run());
  }
  return streams;
}

}  // namespace chibo
