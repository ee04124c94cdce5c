#include "node/streams.h"

#include <utility>

#include "proto/limits.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

std::string RetiredKey(const StreamId& id) { return "retired/" + id.hex(); }

Result<UnitId> UnitField(const std::string& bytes, bool required) {
  if (bytes.empty() && !required) {
    return UnitId();
  }
  const auto unit = UnitId::From(bytes);
  if (!unit) {
    return Fail(Code::kMalformed, "genesis_unreadable");
  }
  return *unit;
}

}  // namespace

std::uint64_t Stream::size(std::uint32_t branch) const {
  const BranchRow* row = FindBranch(branch);
  return row == nullptr ? 0 : row->peaks.size();
}

const BranchRow* Stream::FindBranch(std::uint32_t branch) const {
  for (const BranchRow& row : branches) {
    if (row.branch == branch) {
      return &row;
    }
  }
  return nullptr;
}

Status Streams::Load() {
  by_no_.clear();
  by_id_.clear();
  grown_.clear();
  CHIBO_TRY_VALUE(const auto rows, log_.Streams());
  for (const StreamRow& row : rows) {
    CHIBO_TRY_VALUE(Stream stream, ReadGenesis(network_, row.genesis));
    stream.no = row.no;
    stream.own = row.own;
    CHIBO_TRY_VALUE(const auto retired, log_.Value(RetiredKey(row.id)));
    stream.retired = retired.has_value();
    CHIBO_TRY_VALUE(stream.branches, log_.Branches(row.no));
    by_id_[stream.id] = stream.no;
    by_no_.emplace(stream.no, std::move(stream));
  }
  return {};
}

const Stream* Streams::Find(const StreamId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : Get(found->second);
}

Result<const Stream*> Streams::FindByPrefix(ByteView prefix) const {
  if (prefix.size() == StreamId::kSize) {
    return Find(StreamId::FromChecked(prefix));
  }
  if (prefix.size() != 8) {
    return nullptr;
  }
  Bytes low(prefix);
  low.resize(StreamId::kSize, '\0');
  const auto first = by_id_.lower_bound(StreamId::FromChecked(low));
  if (first == by_id_.end() || first->first.view().substr(0, 8) != prefix) {
    return nullptr;
  }
  const auto next = std::next(first);
  if (next != by_id_.end() && next->first.view().substr(0, 8) == prefix) {
    return Fail(Code::kAmbiguous, "stream_prefix_ambiguous", ToHex(prefix));
  }
  return Get(first->second);
}

const Stream* Streams::Get(StreamNo no) const {
  const auto found = by_no_.find(no);
  return found == by_no_.end() ? nullptr : &found->second;
}

Stream* Streams::Mutable(StreamNo no) {
  const auto found = by_no_.find(no);
  CHECK(found != by_no_.end());
  return &found->second;
}

std::vector<const Stream*> Streams::All(StreamNo after) const {
  std::vector<const Stream*> all;
  for (auto at = by_no_.upper_bound(after); at != by_no_.end(); ++at) {
    all.push_back(&at->second);
  }
  return all;
}

Result<Stream> Streams::ReadGenesis(const NetworkId& network, ByteView header) {
  CHIBO_TRY_VALUE(const Header parsed, ParseHeader(header, 0));
  Stream stream;
  stream.id = StreamIdOf(header);
  stream.genesis = parsed.message.genesis();
  if (NetworkId::From(stream.genesis.network()) != network) {
    return Fail(Code::kWrongNetwork, "stream_of_another_network");
  }
  const auto device = SignPublicKey::From(stream.genesis.device());
  if (!device || !pb::StreamKind_IsValid(stream.genesis.kind()) ||
      stream.genesis.kind() == pb::STREAM_NONE) {
    return Fail(Code::kMalformed, "genesis_unreadable");
  }
  stream.device = *device;
  stream.kind = stream.genesis.kind();
  CHIBO_TRY_VALUE(stream.unit, UnitField(stream.genesis.unit(), true));
  CHIBO_TRY_VALUE(stream.other, UnitField(stream.genesis.other(), stream.kind == pb::TO));
  if (auto certificate = ParseRecord(pb::Record::kCertificate, stream.genesis.certificate())) {
    stream.certificate_id = CertificateId::FromChecked(BodyDigest(*certificate).view());
    stream.certificate = std::make_shared<const pb::Record>(*std::move(certificate));
  }
  return stream;
}

Result<const Stream*> Streams::Add(ByteView genesis_header, bool own) {
  CHIBO_TRY_VALUE(Stream stream, ReadGenesis(network_, genesis_header));
  CHECK(Find(stream.id) == nullptr);
  stream.own = own;
  CHIBO_TRY_VALUE(stream.no, log_.AddStream(stream.id, own, genesis_header));
  by_id_[stream.id] = stream.no;
  const auto [place, added] = by_no_.emplace(stream.no, std::move(stream));
  CHECK(added);
  return &place->second;
}

Status Streams::Retire(const Stream& stream) {
  CHIBO_TRY(log_.PutValue(RetiredKey(stream.id), "1"));
  Mutable(stream.no)->retired = true;
  return {};
}

Status Streams::Append(const Stream& stream, const Appended& appended) {
  for (const StoredEntry& entry : appended.entries) {
    CHIBO_TRY(log_.PutEntry(stream.no, appended.branch, entry));
  }
  const BranchRow* old = stream.FindBranch(appended.branch);
  BranchRow row =
      old != nullptr ? *old : BranchRow{appended.branch, appended.parent, appended.fork_at, {}, 0,
                                        std::nullopt};
  row.peaks = appended.peaks;
  // A signature past what is held proves the chunk, but cannot be passed on: nobody here could show
  // its root.
  if (appended.signature && appended.signed_size <= row.peaks.size()) {
    CHIBO_TRY(log_.PutCheckpoint(stream.no, appended.branch,
                                 {appended.signed_size, *appended.signature}));
    row.signed_size = appended.signed_size;
    row.signature = appended.signature;
  }
  CHIBO_TRY(log_.PutBranch(stream.no, row));
  grown_.insert(stream.no);
  Stream* kept = Mutable(stream.no);
  for (BranchRow& branch : kept->branches) {
    if (branch.branch == row.branch) {
      branch = std::move(row);
      return {};
    }
  }
  kept->branches.push_back(std::move(row));
  return {};
}

Result<MerklePeaks> Streams::PeaksAt(const Stream& stream, std::uint32_t branch,
                                     std::uint64_t size) const {
  const BranchRow* row = stream.FindBranch(branch);
  if (row != nullptr && row->peaks.size() == size) {
    return row->peaks;
  }
  MerklePeaks peaks;
  if (size == 0) {
    return peaks;
  }
  CHIBO_TRY_VALUE(const auto leaves, log_.Leaves(stream.no, branch, size));
  CHECK(leaves.size() == size);
  for (const Hash& leaf : leaves) {
    peaks.Append(leaf);
  }
  return peaks;
}

Result<std::optional<Hash>> Streams::RootAt(const Stream& stream, std::uint32_t branch,
                                            std::uint64_t size) const {
  if (stream.FindBranch(branch) == nullptr ? size > 0 : size > stream.size(branch)) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const MerklePeaks peaks, PeaksAt(stream, branch, size));
  return peaks.Root();
}

Result<bool> Streams::AreOfOneBranch(const Position& smaller, const Position& larger) const {
  const Stream* stream = Find(larger.stream);
  bool none = true;
  if (stream == nullptr) {
    return none;
  }
  const auto runs_through = [&](const BranchRow& branch, const Position& point) -> Result<bool> {
    CHIBO_TRY_VALUE(const auto root, RootAt(*stream, branch.branch, point.size));
    return root == point.root;
  };
  for (const BranchRow& branch : stream->branches) {
    CHIBO_TRY_VALUE(const bool through_larger, runs_through(branch, larger));
    if (through_larger && !stream->forked()) {
      return true;
    }
    CHIBO_TRY_VALUE(const bool through_smaller, runs_through(branch, smaller));
    if (through_larger && through_smaller) {
      return true;
    }
    none = none && !through_larger && !through_smaller;
  }
  return none;
}

std::vector<StreamNo> Streams::TakeGrown() {
  std::vector<StreamNo> grown(grown_.begin(), grown_.end());
  grown_.clear();
  return grown;
}

StreamState Streams::StateOf(const Stream& stream) {
  StreamState state;
  state.id = stream.id;
  state.kind = stream.kind;
  state.unit = stream.unit;
  state.other = stream.other;
  state.device = stream.device;
  state.certificate = stream.certificate;
  state.certificate_id = stream.certificate_id;
  if (const auto id = StreamId::From(stream.genesis.predecessor().stream())) {
    state.predecessor = {*id, stream.genesis.predecessor().size(),
                         Hash::From(stream.genesis.predecessor().root()).value_or(Hash())};
  }
  for (const BranchRow& row : stream.branches) {
    state.branches.push_back({row.branch, row.parent, row.fork_at, row.peaks.size()});
  }
  return state;
}

}  // namespace chibo
