#include "tests/disk/test_stream.h"

namespace chibo::test {
namespace {

constexpr std::size_t kNonceBytes = 24;

}  // namespace

TestStream::TestStream(std::uint64_t seed) : random_(seed) {
  for (auto& secret : secrets_) {
    secret = random_.DrawFixed<StreamSecret>();
  }
  pb::EntryHeader header;
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(random_.Draw(NetworkId::kSize));
  genesis.set_device(random_.Draw(SignPublicKey::kSize));
  genesis.set_certificate("not read here");
  genesis.set_kind(pb::LINE);
  genesis.set_unit(random_.Draw(UnitId::kSize));
  genesis.set_other(random_.Draw(UnitId::kSize));
  genesis.add_salts(SecretCommitment(pb::ALL, *secrets_[pb::ALL]).view().data(), Hash::kSize);
  genesis.add_salts(SecretCommitment(pb::PARENT, *secrets_[pb::PARENT]).view().data(), Hash::kSize);
  genesis.set_incarnation(random_.Draw(16));
  const auto entry = MakeEntry(StreamId(), 0, header, {}, {}, secrets_);
  CHECK(entry);
  id_ = StreamIdOf(entry->header);
  entries_.push_back(*entry);
  stored_.push_back(Store(0, *entry));
}

StoredEntry TestStream::Store(std::uint64_t index, const Entry& entry) const {
  return {index, entry.header, EncodeBody(entry), EntryLeaf(id_, index, entry)};
}

const StoredEntry& TestStream::At(std::uint64_t index) {
  while (stored_.size() <= index) {
    const std::uint64_t next = stored_.size();
    pb::Record meeting;
    meeting.mutable_meeting()->set_start_ms(static_cast<std::int64_t>(next));
    pb::Record minutes;
    minutes.mutable_minutes()->mutable_meeting();
    minutes.mutable_minutes()->set_text("Kết luận " + std::to_string(next) + ": " + Bytes(kMarker) +
                                        ToHex(random_.Draw(64)));
    pb::EntryHeader header;
    header.set_claimed_s(static_cast<std::int64_t>(next));
    const auto entry =
        MakeEntry(id_, next, header, {meeting, minutes}, {pb::ALL, pb::PARENT}, secrets_);
    CHECK(entry);
    entries_.push_back(*entry);
    stored_.push_back(Store(next, *entry));
  }
  return stored_[index];
}

StoredEntry TestStream::Withheld(std::uint64_t index) {
  At(index);
  Entry entry = entries_[index];
  entry.records.back().payload.reset();
  return Store(index, entry);
}

BranchRow TestStream::BranchOf(std::uint64_t size) {
  BranchRow row;
  for (std::uint64_t index = 0; index < size; ++index) {
    row.peaks.Append(At(index).leaf);
  }
  row.signed_size = size;
  row.signature = Signature();
  return row;
}

Result<StreamNo> AddTo(LogStore& log, TestStream& stream) {
  CHIBO_TRY_VALUE(const StreamNo no, log.AddStream(stream.id(), true, stream.At(0).header));
  CHIBO_TRY(log.PutSecret(no, pb::ALL, *stream.secrets()[pb::ALL]));
  CHIBO_TRY(log.PutSecret(no, pb::PARENT, *stream.secrets()[pb::PARENT]));
  return no;
}

Status AppendTo(LogStore& log, StreamNo no, TestStream& stream, std::uint64_t index) {
  CHIBO_TRY(log.PutEntry(no, 0, stream.At(index)));
  CHIBO_TRY(log.PutBranch(no, stream.BranchOf(index + 1)));
  return log.PutCheckpoint(no, 0, {index + 1, Signature()});
}

SealingAtRest::SealingAtRest() : random_(1), key_(SecretKey::Draw(random_)) {}

Bytes SealingAtRest::Protect(ByteView place, ByteView plain) {
  return Seal(key_, random_.Draw(kNonceBytes), place, plain);
}

Result<Bytes> SealingAtRest::Reveal(ByteView place, ByteView stored) const {
  auto plain = Open(key_, place, stored);
  if (!plain) {
    return Fail(Code::kDamaged, "does_not_open");
  }
  return *std::move(plain);
}

}  // namespace chibo::test
