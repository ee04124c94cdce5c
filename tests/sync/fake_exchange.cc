#include "tests/sync/fake_exchange.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "proto/checkpoint.h"
#include "proto/merkle.h"
#include "proto/record.h"
#include "sync/set_digest.h"
#include "tests/must.h"

namespace chibo {
namespace {

const SecretKey& SetKey() {
  static const SecretKey kKey = *SecretKey::From(Bytes(32, 'd'));
  return kKey;
}

}  // namespace

NetworkId FakeNetwork() { return NetworkId::FromChecked(Bytes(32, 'n')); }

Hash FakeBranch::Root() const { return MerkleRoot(leaves); }

namespace {

// The one record of an entry of these streams is withheld: varint(0) and its commitment.
bool LacksText(const EntryBytes& entry) { return !entry.body.empty() && entry.body.front() == 0; }

}  // namespace

std::optional<LackingText> FakeBranch::Lacking(std::uint64_t size) const {
  std::vector<EntryRun> runs;
  for (std::uint64_t i = 0; i < size; ++i) {
    if (!LacksText(entries[i])) {
      continue;
    }
    if (runs.empty() || runs.back().end < i) {
      runs.push_back({i, i});
    }
    runs.back().end = i + 1;
  }
  return LackingEntries(runs);
}

FakeWriter::FakeWriter(std::uint64_t seed, bool goes_up) : up(goes_up), key(SecretKey()) {
  SeededRandom random(seed);
  key = SigningKey(SecretKey::Draw(random));
  pb::EntryHeader header;
  pb::Genesis& born = *header.mutable_genesis();
  born.set_network(Bytes(FakeNetwork().view()));
  born.set_device(Bytes(key.public_key().view()));
  born.set_certificate("certificate of " + std::to_string(seed));
  born.set_kind(up ? pb::LINE : pb::DOWN);
  born.set_unit(random.Draw(UnitId::kSize));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets[reach] = random.DrawFixed<StreamSecret>();
    born.add_salts(Bytes(SecretCommitment(reach, *secrets[reach]).view()));
  }
  born.set_incarnation(random.Draw(16));
  genesis = header.SerializeAsString();
  id = StreamIdOf(genesis);
}

// ---- writing

void FakeNode::Open(const FakeWriter& writer) {
  FakeStream stream;
  stream.id = writer.id;
  stream.up = writer.up;
  stream.writer = writer.key.public_key();
  stream.secrets = writer.secrets;
  FakeBranch& branch = stream.branches.emplace_back();
  Entry entry;
  entry.header = writer.genesis;
  branch.leaves.push_back(EntryLeaf(writer.id, 0, entry));
  branch.entries.push_back({entry.header, EncodeBody(entry)});
  branch.checkpoints[1] = SignCheckpoint(writer.key, FakeNetwork(), {writer.id, 1, branch.Root()});
  streams.push_back(std::move(stream));
}

void FakeNode::Write(const FakeWriter& writer, const std::string& text) {
  pb::Record record;
  record.mutable_minutes()->set_text(text);
  WriteRecord(writer, record);
}

void FakeNode::WriteRecord(const FakeWriter& writer, const pb::Record& record) {
  FakeStream* stream = Find(writer.id.view());
  CHECK(stream != nullptr);
  FakeBranch& branch = stream->branches.front();
  pb::EntryHeader header;
  header.set_claimed_s(static_cast<std::int64_t>(branch.size()) * 1000);
  const Entry entry =
      Must(MakeEntry(writer.id, branch.size(), header, {record}, {pb::ALL}, writer.secrets));
  branch.leaves.push_back(EntryLeaf(writer.id, branch.size(), entry));
  branch.entries.push_back({entry.header, EncodeBody(entry)});
  branch.checkpoints[branch.size()] =
      SignCheckpoint(writer.key, FakeNetwork(), {writer.id, branch.size(), branch.Root()});
}

void FakeNode::Offer(const StreamId& id, std::uint32_t branch, std::uint64_t from,
                     std::uint64_t to) {
  outbox.push_back({outbox.size() + 1, id, branch, from, to});
}

// ---- reading

FakeStream* FakeNode::Find(ByteView name) {
  for (FakeStream& stream : streams) {
    if (stream.id.view().starts_with(name)) {
      return &stream;
    }
  }
  return nullptr;
}

void FakeNode::LoseTexts(const FakeWriter& writer, std::uint64_t from, std::uint64_t to) {
  for (FakeBranch& branch : Find(writer.id.view())->branches) {
    for (std::uint64_t i = from; i < std::min(to, branch.size()); ++i) {
      EntryBytes& bytes = branch.entries[i];
      Entry entry = Must(DecodeEntry(writer.id, i, bytes.header, bytes.body, writer.secrets));
      for (HeldRecord& record : entry.records) {
        record.payload.reset();
      }
      bytes.body = EncodeBody(entry);
    }
  }
}

HeldStream FakeNode::Held(const FakeStream& stream, std::uint32_t number) const {
  const FakeBranch& branch = stream.branches.at(number);
  HeldStream held;
  held.id = stream.id;
  held.branch = number;
  held.size = branch.size();
  held.root = branch.Root();
  held.lacking = branch.Lacking(held.size);
  const auto past = branch.checkpoints.upper_bound(held.size);
  held.signed_size = past == branch.checkpoints.begin() ? 0 : std::prev(past)->first;
  held.registered = number == 0 ? stream.registered(*this) : 0;
  held.forked = stream.branches.size() > 1;
  if (held.forked) {
    std::vector<HeldStream> heads;
    for (const FakeBranch& one : stream.branches) {
      HeldStream& head = heads.emplace_back();
      head.size = one.size();
      head.root = one.Root();
      head.lacking = one.Lacking(head.size);
    }
    held.branches = BranchesRoot(heads);
  }
  return held;
}

std::vector<HeldStream> FakeNode::List(bool up) const {
  std::vector<HeldStream> list;
  for (const FakeStream& stream : streams) {
    if (stream.up == up) {
      list.push_back(Held(stream, 0));
    }
  }
  return list;
}

std::uint64_t FakeNode::entries() const {
  std::uint64_t count = 0;
  for (const FakeStream& stream : streams) {
    for (const FakeBranch& branch : stream.branches) {
      count += branch.size();
    }
  }
  return count;
}

Hash FakeNode::Fingerprint() const {
  Bytes all;
  std::vector<Bytes> parts;
  for (const FakeStream& stream : streams) {
    for (const FakeBranch& branch : stream.branches) {
      Bytes part(stream.id.view());
      AppendU64(part, branch.size());
      part += branch.Root().view();
      for (const EntryBytes& entry : branch.entries) {
        part.push_back(LacksText(entry) ? 'w' : 't');
      }
      parts.push_back(std::move(part));
    }
  }
  std::sort(parts.begin(), parts.end());
  for (const Bytes& part : parts) {
    all += part;
  }
  all += lineage;
  AppendU64(all, cursor);
  AppendU64(all, outbox.size());
  for (const auto& [name, part] : spool) {
    all += name;
    AppendU64(all, part.second.size());
    all += part.second;
  }
  return Sha256(all);
}

// ---- storing

void FakeNode::NoteRegister(ByteView payload) {
  const auto record = ParseRecord(pb::Record::kRegister, payload);
  CHECK(record.has_value());
  for (const pb::Point& point : record->register_().received()) {
    const StreamId id = StreamId::FromChecked(point.stream());
    registers[id].push_back({id, point.size(), Hash::FromChecked(point.root())});
  }
}

std::uint64_t FakeStream::registered(const FakeNode& node) const {
  const auto said = node.registers.find(id);
  std::uint64_t size = 0;
  if (said == node.registers.end()) {
    return size;
  }
  const auto& leaves = branches.front().leaves;
  for (const Position& at : said->second) {
    if (at.size > size && at.size <= leaves.size() &&
        MerkleRoot(std::span(leaves).first(at.size)) == at.root) {
      size = at.size;
    }
  }
  return size;
}

std::uint64_t FakeNode::registered(const FakeWriter& writer) {
  const FakeStream* stream = Find(writer.id.view());
  return stream == nullptr ? 0 : stream->registered(*this);
}

namespace {

Result<FakeStream> BornOf(const ReceivedChunk& chunk) {
  if (chunk.from != 0) {
    return Fail(Code::kBehind, "stream_not_held");
  }
  FakeStream stream;
  stream.id = StreamIdOf(chunk.entries.front().header);
  CHIBO_TRY_VALUE(const Header header, ParseHeader(chunk.entries.front().header, 0));
  stream.up = header.message.genesis().kind() == pb::LINE;
  stream.writer = SignPublicKey::FromChecked(header.message.genesis().device());
  stream.secrets = chunk.secrets;
  stream.branches.emplace_back();
  if (!stream.id.view().starts_with(chunk.stream)) {
    return Fail(Code::kBadProof, "genesis_of_another_stream");
  }
  return stream;
}

// The branch that a chunk goes on with, how many of its entries stand there, and whether the others
// can follow.
struct Place {
  std::size_t branch = 0;
  std::size_t agreed = 0;
  bool ends = false;
};

std::optional<Place> FindPlace(const FakeStream& stream, std::uint64_t from,
                               const std::vector<Hash>& leaves) {
  std::optional<Place> best;
  for (std::size_t b = 0; b < stream.branches.size(); ++b) {
    const FakeBranch& branch = stream.branches[b];
    if (branch.size() < from) {
      continue;
    }
    Place place{b, 0, false};
    while (place.agreed < leaves.size() && from + place.agreed < branch.size() &&
           branch.leaves[from + place.agreed] == leaves[place.agreed]) {
      ++place.agreed;
    }
    place.ends = place.agreed == leaves.size() || from + place.agreed == branch.size();
    const bool better = !best || (place.ends && !best->ends) ||
                        (place.ends == best->ends && place.agreed > best->agreed);
    if (better) {
      best = place;
    }
  }
  return best;
}

Status CheckClose(const FakeStream& stream, const FakeBranch& grown, std::uint64_t end,
                  const ChunkClose& close) {
  const Hash root = MerkleRoot(std::span(grown.leaves).first(end));
  const std::uint64_t signed_size = std::max(end, close.signed_size);
  if (signed_size > end) {
    CHIBO_TRY(VerifyConsistency(end, root, signed_size, close.signed_root, close.proof));
  }
  return VerifyCheckpoint(stream.writer, FakeNetwork(),
                          {stream.id, signed_size, signed_size > end ? close.signed_root : root},
                          close.signature);
}

}  // namespace

Result<HeldStream> FakeNode::Store(const ReceivedChunk& chunk) {
  FakeStream* known = Find(chunk.stream);
  FakeStream fresh;
  if (known == nullptr) {
    CHIBO_TRY_VALUE(fresh, BornOf(chunk));
  }
  FakeStream& stream = known == nullptr ? fresh : *known;
  std::vector<Hash> leaves;
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < chunk.entries.size(); ++i) {
    const EntryBytes& bytes = chunk.entries[i];
    CHIBO_TRY_VALUE(Entry entry, DecodeEntry(stream.id, chunk.from + i, bytes.header, bytes.body,
                                             stream.secrets));
    leaves.push_back(EntryLeaf(stream.id, chunk.from + i, entry));
    entries.push_back(std::move(entry));
  }
  const std::optional<Place> place = FindPlace(stream, chunk.from, leaves);
  if (!place) {
    return Fail(Code::kBehind, "chunk_past_what_is_held");
  }
  FakeBranch grown = stream.branches[place->branch];
  if (!place->ends) {
    const std::size_t keep = chunk.from + place->agreed;
    grown.leaves.resize(keep);
    grown.entries.resize(keep);
    std::erase_if(grown.checkpoints, [&](const auto& one) { return one.first > keep; });
  }
  for (std::size_t i = 0; fills_in && i < place->agreed; ++i) {
    if (LacksText(grown.entries[chunk.from + i])) {
      grown.entries[chunk.from + i] = chunk.entries[i];
    }
  }
  for (std::size_t i = place->agreed; i < leaves.size(); ++i) {
    grown.leaves.push_back(leaves[i]);
    grown.entries.push_back(chunk.entries[i]);
  }
  const std::uint64_t end = chunk.from + leaves.size();
  CHIBO_TRY(CheckClose(stream, grown, end, chunk.close));
  if (chunk.close.signed_size <= end) {
    grown.checkpoints[end] = chunk.close.signature;
  }
  const std::size_t number = place->ends ? place->branch : stream.branches.size();
  stream.branches.resize(std::max(stream.branches.size(), number + 1));
  stream.branches[number] = std::move(grown);
  if (known == nullptr) {
    streams.push_back(std::move(fresh));
  }
  for (std::size_t i = place->agreed; i < entries.size(); ++i) {
    const auto header = ParseHeader(entries[i].header, chunk.from + i);
    for (std::size_t r = 0; header && r < header->slots.size(); ++r) {
      if (header->slots[r].kind == pb::Record::kRegister && entries[i].records[r].payload) {
        NoteRegister(*entries[i].records[r].payload);
      }
    }
  }
  return Held(known == nullptr ? streams.back() : *known, static_cast<std::uint32_t>(number));
}

// ---- the exchange

CommitReport FakeExchange::CommitOne(const ReceivedChunk& chunk,
                                     std::map<StreamId, std::uint64_t>& came_in) {
  CommitReport report;
  report.ticket = chunk.ticket;
  const auto refused = refuse ? refuse(chunk) : std::nullopt;
  if (refused) {
    report.error = Error{*refused, "refused_by_test", {}};
    return report;
  }
  if (!chunk.entries.empty()) {
    const std::uint64_t before = node_.entries();
    auto held = node_.Store(chunk);
    if (!held) {
      report.error = held.error();
      return report;
    }
    report.held = *held;
    if (node_.entries() > before) {
      came_in[held->id] = held->size;
    }
  }
  const bool moves = chunk.entries.empty() || chunk.outbox > 0;
  if (!parent_ && moves && (!chunk.cursor_after || *chunk.cursor_after == node_.cursor)) {
    node_.cursor = chunk.outbox;
    node_.lineage = chunk.lineage;
  }
  return report;
}

FakeNode FakeExchange::Committed() const {
  FakeNode node = node_;
  FakeExchange copy(node, parent_, register_writer_);
  copy.submitted_ = submitted_;
  copy.Commit();
  return node;
}

std::vector<CommitReport> FakeExchange::Commit() {
  std::vector<CommitReport> reports;
  std::map<StreamId, std::uint64_t> came_in;
  const std::vector<ReceivedChunk> submitted = std::exchange(submitted_, {});
  ++node_.changes;
  for (const ReceivedChunk& chunk : submitted) {
    if (commit_failure) {
      CommitReport report;
      report.ticket = chunk.ticket;
      report.error = Error{*commit_failure, "transaction_failed_by_test", {}};
      reports.push_back(report);
    } else {
      reports.push_back(CommitOne(chunk, came_in));
    }
  }
  if (!came_in.empty() && register_writer_ != nullptr) {
    pb::Record record;
    pb::Register& entry = *record.mutable_register_();
    entry.set_time_ms(1'575'331'200'000);
    for (const auto& [id, size] : came_in) {
      const FakeStream* stream = node_.Find(id.view());
      if (!stream->up) {
        node_.Offer(id, 0, size - 1, size);
        continue;
      }
      pb::Point& point = *entry.add_received();
      point.set_stream(Bytes(id.view()));
      point.set_size(stream->branches.front().size());
      point.set_root(Bytes(stream->branches.front().Root().view()));
    }
    if (entry.received_size() > 0) {
      node_.WriteRecord(*register_writer_, record);
      const std::uint64_t size = node_.Find(register_writer_->id.view())->branches.front().size();
      node_.Offer(register_writer_->id, 0, size - 1, size);
    }
  }
  return reports;
}

Result<std::optional<HeldStream>> FakeExchange::Find(ByteView name) {
  ++reads;
  std::optional<HeldStream> found;
  for (const FakeStream& stream : node_.streams) {
    if (!stream.id.view().starts_with(name)) {
      continue;
    }
    if (found) {
      return Fail(Code::kAmbiguous, "stream_name_ambiguous");
    }
    found = node_.Held(stream, 0);
  }
  return found;
}

Result<std::vector<HeldStream>> FakeExchange::Branches(const StreamId& id) {
  ++reads;
  const FakeStream* stream = node_.Find(id.view());
  CHECK(stream != nullptr);
  std::vector<HeldStream> branches;
  for (std::uint32_t i = 0; i < stream->branches.size(); ++i) {
    branches.push_back(node_.Held(*stream, i));
  }
  return branches;
}

Result<std::optional<Hash>> FakeExchange::RootAt(const StreamId& id, std::uint32_t branch,
                                                 std::uint64_t size) {
  ++reads;
  const FakeStream* stream = node_.Find(id.view());
  if (stream == nullptr || branch >= stream->branches.size() ||
      stream->branches[branch].size() < size) {
    return std::nullopt;
  }
  return MerkleRoot(std::span(stream->branches[branch].leaves).first(size));
}

Result<std::optional<LackingText>> FakeExchange::LackingAt(const StreamId& id, std::uint32_t branch,
                                                           std::uint64_t size) {
  ++reads;
  return node_.Find(id.view())->branches.at(branch).Lacking(size);
}

Result<std::vector<EntryBytes>> FakeExchange::Read(const StreamId& id, std::uint32_t branch,
                                                   std::uint64_t from, std::uint64_t to,
                                                   std::size_t bytes_max) {
  ++reads;
  if (damaged == id) {
    return Fail(Code::kDamaged, "entry_does_not_match_its_hash", id.hex());
  }
  const FakeStream* stream = node_.Find(id.view());
  CHECK(stream != nullptr && branch < stream->branches.size() && from < to);
  const FakeBranch& held = stream->branches[branch];
  CHECK(to <= held.size());
  std::vector<EntryBytes> entries;
  std::size_t bytes = 0;
  for (std::uint64_t i = from; i < to && bytes < bytes_max; ++i) {
    entries.push_back(held.entries[i]);
    bytes += held.entries[i].header.size() + held.entries[i].body.size();
  }
  return entries;
}

Result<ChunkClose> FakeExchange::Close(const StreamId& id, std::uint32_t branch,
                                       std::uint64_t end) {
  ++reads;
  const FakeBranch& held = node_.Find(id.view())->branches.at(branch);
  const auto checkpoint = held.checkpoints.lower_bound(end);
  CHECK(checkpoint != held.checkpoints.end());
  ChunkClose close;
  close.signed_size = checkpoint->first;
  close.signature = checkpoint->second;
  if (close.signed_size > end) {
    const auto leaves = std::span(held.leaves).first(close.signed_size);
    close.signed_root = MerkleRoot(leaves);
    close.proof = ConsistencyProof(leaves, end);
  }
  return close;
}

Result<StreamSecrets> FakeExchange::SecretsFor(const StreamId& id) {
  ++reads;
  return node_.Find(id.view())->secrets;
}

void FakeExchange::Submit(ReceivedChunk chunk) { submitted_.push_back(std::move(chunk)); }

Result<std::vector<HeldStream>> FakeExchange::Upward() {
  ++reads;
  return node_.List(true);
}

Result<SetDigest> FakeExchange::UpwardDigest(std::span<const StreamId> except) {
  ++reads;
  std::vector<HeldStream> list = node_.List(true);
  const std::set<StreamId> left_out(except.begin(), except.end());
  std::erase_if(list, [&](const HeldStream& stream) { return left_out.contains(stream.id); });
  return DigestOf(SetKey(), list);
}

Result<std::vector<HeldStream>> FakeExchange::Downward() {
  ++reads;
  return node_.List(false);
}

Result<SetDigest> FakeExchange::DownwardDigest() {
  ++reads;
  return DigestOf(SetKey(), node_.List(false));
}

std::uint64_t FakeExchange::Cursor() { return parent_ ? node_.outbox.size() : node_.cursor; }

Result<std::vector<OutboxRange>> FakeExchange::Outbox(std::uint64_t after, std::size_t count_max) {
  ++reads;
  CHECK(parent_);
  std::vector<OutboxRange> items;
  for (std::size_t i = after; i < node_.outbox.size() && items.size() < count_max; ++i) {
    items.push_back(node_.outbox[i]);
  }
  return items;
}

std::vector<std::pair<pb::Spooled, Bytes>> FakeExchange::Spool() {
  ++reads;
  std::vector<std::pair<pb::Spooled, Bytes>> spool;
  for (const auto& [name, part] : node_.spool) {
    pb::Spooled spooled;
    spooled.set_stream(name);
    spooled.set_from(part.first.from());
    spooled.set_count(part.first.count());
    spooled.set_length(static_cast<std::uint32_t>(part.second.size()));
    spooled.set_hash(Bytes(Sha256(part.second).view().substr(0, 16)));
    spool.emplace_back(spooled, part.second);
  }
  return spool;
}

void FakeExchange::PutSpool(const pb::ChunkHead& head, ByteView bytes) {
  ++node_.changes;
  node_.spool[head.stream()] = {head, Bytes(bytes)};
}

void FakeExchange::DropSpool(ByteView stream) { node_.changes += node_.spool.erase(Bytes(stream)); }

}  // namespace chibo
