#include "proto/entry.h"

#include <algorithm>
#include <limits>

#include "proto/crypto.h"
#include "proto/limits.h"
#include "proto/merkle.h"
#include "proto/message_bytes.h"
#include "proto/record.h"

namespace chibo {
namespace {

constexpr std::uint32_t kReachBits = 3;
constexpr std::uint32_t kReachMask = (1U << kReachBits) - 1;
constexpr std::int64_t kEpochSeconds = 1'577'836'800;  // 2020-01-01 UTC
// A claim beyond this is shown as this: some 8,000 years, and milliseconds still fit.
constexpr std::int64_t kClaimedSecondsMax = 250'000'000'000;

bool IsAbsentOr(std::size_t size, const Bytes& field) {
  return field.empty() || field.size() == size;
}

Status CheckOther(const pb::Genesis& genesis) {
  const bool to = genesis.kind() == pb::TO;
  const bool other_fits = genesis.kind() == pb::DOWN ? genesis.other().empty()
                          : to                       ? genesis.other().size() == UnitId::kSize
                                                     : IsAbsentOr(UnitId::kSize, genesis.other());
  // Who may read records of parent reach is named in to(V) streams alone.
  const std::size_t superior_bytes = to ? UnitId::kSize : 0;
  if (!other_fits || !IsAbsentOr(superior_bytes, genesis.to_superior()) ||
      !IsAbsentOr(superior_bytes, genesis.superior())) {
    return Fail(Code::kMalformed, "genesis_units_malformed");
  }
  return {};
}

Status CheckGenesis(const pb::Genesis& genesis) {
  if (genesis.certificate().size() > limits::kCertificateBytesMax) {
    return Fail(Code::kTooLarge, "certificate_too_large");
  }
  const bool salts_fit = genesis.salts_size() == 2 && genesis.salts(0).size() == Hash::kSize &&
                         genesis.salts(1).size() == Hash::kSize;
  if (genesis.network().size() != NetworkId::kSize ||
      genesis.device().size() != SignPublicKey::kSize || genesis.certificate().empty() ||
      genesis.kind() < pb::LINE || genesis.kind() > pb::TO ||
      genesis.unit().size() != UnitId::kSize || !salts_fit || genesis.incarnation().size() != 16) {
    return Fail(Code::kMalformed, "genesis_malformed");
  }
  const bool follows = genesis.follows() != pb::FOLLOWS_NOTHING;
  if (!pb::Follows_IsValid(genesis.follows()) || follows != genesis.has_predecessor() ||
      (follows &&
       (genesis.predecessor().stream().size() != StreamId::kSize ||
        genesis.predecessor().root().size() != Hash::kSize || genesis.predecessor().size() == 0))) {
    return Fail(Code::kMalformed, "genesis_predecessor_malformed");
  }
  return CheckOther(genesis);
}

Status CheckHeader(const pb::EntryHeader& header, std::uint64_t index) {
  if (!IsAbsentOr(Hash::kSize, header.pack()) || !IsAbsentOr(8, header.boot()) ||
      (header.has_register_() && header.register_().stream().size() != 8)) {
    return Fail(Code::kMalformed, "header_malformed");
  }
  if (header.has_genesis() != (index == 0)) {
    return Fail(Code::kMalformed, "genesis_misplaced");
  }
  if (!header.has_genesis()) {
    return {};
  }
  if (header.slots_size() != 0) {
    return Fail(Code::kMalformed, "genesis_holds_records");
  }
  return CheckGenesis(header.genesis());
}

Timestamp ClaimedTime(std::int64_t claimed_s) {
  const std::int64_t bounded = std::clamp(claimed_s, -kClaimedSecondsMax, kClaimedSecondsMax);
  return Timestamp(std::chrono::seconds(kEpochSeconds + bounded));
}

// What counts against the limit of an entry. Withheld records do not: an entry that was within the
// limit stays so whoever passes it on.
Status CheckSize(const StreamId& stream, std::uint64_t index, const Entry& entry) {
  std::size_t size = entry.header.size();
  for (const HeldRecord& record : entry.records) {
    size += record.payload ? record.payload->size() : 0;
  }
  if (size > limits::kEntryBytesMax) {
    return Fail(Code::kTooLarge, "entry_too_large", stream.hex() + "/" + std::to_string(index));
  }
  return {};
}

Result<HeldRecord> TakeRecord(ByteView& body, const Slot& slot, std::uint64_t index,
                              std::uint32_t position, const StreamSecrets& secrets) {
  const auto length = TakeVarint(body);
  if (!length) {
    return Fail(Code::kMalformed, "entry_malformed");
  }
  if (*length == 0) {
    const auto commitment = Take(body, Commitment::kSize);
    if (!commitment) {
      return Fail(Code::kMalformed, "entry_malformed");
    }
    return HeldRecord{std::nullopt, Commitment::FromChecked(*commitment)};
  }
  if (*length - 1 > limits::kEntryBytesMax) {
    return Fail(Code::kTooLarge, "entry_too_large");
  }
  const auto payload = Take(body, static_cast<std::size_t>(*length - 1));
  if (!payload) {
    return Fail(Code::kMalformed, "entry_malformed");
  }
  const auto& secret = secrets[static_cast<std::size_t>(slot.reach)];
  if (!secret) {
    return Fail(Code::kBehind, "stream_secret_missing");
  }
  return HeldRecord{Bytes(*payload),
                    CommitmentOf(RecordSalt(*secret, index, position), slot.kind, *payload)};
}

}  // namespace

Bytes EncodeBody(const Entry& entry) {
  Bytes body;
  for (const HeldRecord& record : entry.records) {
    if (record.payload) {
      AppendVarint(body, record.payload->size() + 1);
      body.append(*record.payload);
    } else {
      AppendVarint(body, 0);
      body.append(record.commitment.view());
    }
  }
  return body;
}

Result<Entry> DecodeEntry(const StreamId& stream, std::uint64_t index, ByteView header,
                          ByteView body, const StreamSecrets& secrets) {
  CHIBO_TRY_VALUE(const Header parsed, ParseHeader(header, index));
  if (index == 0 && StreamIdOf(header) != stream) {
    return Fail(Code::kMalformed, "genesis_of_another_stream");
  }
  Entry entry;
  entry.header = Bytes(header);
  entry.records.reserve(parsed.slots.size());
  for (std::uint32_t position = 0; position < parsed.slots.size(); ++position) {
    CHIBO_TRY_VALUE(HeldRecord record,
                    TakeRecord(body, parsed.slots[position], index, position, secrets));
    entry.records.push_back(std::move(record));
  }
  if (!body.empty()) {
    return Fail(Code::kMalformed, "entry_malformed");
  }
  CHIBO_TRY(CheckSize(stream, index, entry));
  return entry;
}

Bytes RecordSalt(const StreamSecret& secret, std::uint64_t index, std::uint32_t position) {
  Bytes place;
  AppendU64(place, index);
  AppendU32(place, position);
  return Bytes(HmacSha256(secret.view(), {place}).view().substr(0, 16));
}

Commitment CommitmentOf(ByteView salt16, std::uint32_t kind, ByteView payload) {
  CHECK(salt16.size() == 16);
  Bytes number;
  AppendVarint(number, kind);
  return Commitment::FromChecked(Sha256({ByteView("\x02", 1), salt16, number, payload}).view());
}

Hash SecretCommitment(pb::Reach reach, const StreamSecret& secret) {
  const char byte = static_cast<char>(reach);
  return Sha256({"chibo/salt/v0\n", ByteView(&byte, 1), secret.view()});
}

StreamId StreamIdOf(ByteView genesis_header) {
  return StreamId::FromChecked(Sha256({"chibo/stream/v0\n", genesis_header}).view());
}

Hash RecordsRoot(const std::vector<HeldRecord>& records) {
  MerklePeaks tree;
  for (const HeldRecord& record : records) {
    tree.Append(LeafHash(record.commitment.view()));
  }
  return tree.Root();
}

Bytes LeafInput(const StreamId& stream, std::uint64_t index, const Hash& records_root,
                ByteView header) {
  Bytes input(stream.view());
  AppendU64(input, index);
  input.append(records_root.view()).append(header);
  return input;
}

Hash EntryLeaf(const StreamId& stream, std::uint64_t index, const Entry& entry) {
  return LeafHash(LeafInput(stream, index, RecordsRoot(entry.records), entry.header));
}

Result<Header> ParseHeader(ByteView header, std::uint64_t index) {
  if (header.size() > (index == 0 ? limits::kGenesisBytesMax : limits::kHeaderBytesMax)) {
    return Fail(Code::kTooLarge, "header_too_large");
  }
  Header parsed;
  if (!ParseBounded(header, parsed.message)) {
    return Fail(Code::kMalformed, "header_malformed");
  }
  if (static_cast<std::size_t>(parsed.message.slots_size()) > limits::kEntryRecordsMax) {
    return Fail(Code::kTooLarge, "entry_too_many_records");
  }
  CHIBO_TRY(CheckHeader(parsed.message, index));
  for (const std::uint32_t slot : parsed.message.slots()) {
    const std::uint32_t reach = slot & kReachMask;
    if (slot >> kReachBits == 0 || !pb::Reach_IsValid(static_cast<int>(reach))) {
      return Fail(Code::kMalformed, "header_slot_malformed");
    }
    parsed.slots.push_back({slot >> kReachBits, static_cast<pb::Reach>(reach)});
  }
  parsed.claimed = ClaimedTime(parsed.message.claimed_s());
  return parsed;
}

std::int64_t ClaimedSeconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() - kEpochSeconds;
}

Result<Entry> MakeEntry(const StreamId& stream, std::uint64_t index, pb::EntryHeader header,
                        const std::vector<pb::Record>& records,
                        const std::vector<pb::Reach>& reaches, const StreamSecrets& secrets) {
  CHECK(records.size() == reaches.size());
  if (records.size() > limits::kEntryRecordsMax) {
    return Fail(Code::kTooLarge, "entry_too_many_records");
  }
  Entry entry;
  header.clear_slots();
  for (std::uint32_t position = 0; position < records.size(); ++position) {
    const auto kind = static_cast<std::uint32_t>(records[position].body_case());
    const pb::Reach reach = reaches[position];
    const auto& secret = secrets[static_cast<std::size_t>(reach)];
    CHECK(secret.has_value());
    header.add_slots(kind << kReachBits | static_cast<std::uint32_t>(reach));
    Bytes payload = PayloadOf(records[position]);
    const Bytes salt = RecordSalt(*secret, index, position);
    const Commitment commitment = CommitmentOf(salt, kind, payload);
    entry.records.push_back({std::move(payload), commitment});
  }
  entry.header = CanonicalBytes(header);
  CHIBO_TRY(CheckSize(stream, index, entry));
  // What we write we must be able to read.
  CHIBO_TRY(ParseHeader(entry.header, index));
  return entry;
}

}  // namespace chibo
