#include "tools/verify/format.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include "tools/verify/merkle.h"

namespace chibo::verify {
namespace {

// Text that is not UTF-8 is told by the result of parsing, not on standard error.
[[maybe_unused]] const auto kLogBefore = google::protobuf::SetLogHandler(nullptr);

constexpr std::size_t kHeaderBytesMax = 4 * 1024;
constexpr std::size_t kGenesisBytesMax = 8 * 1024;

bool NoneOr(std::size_t size, const Bytes& field) { return field.empty() || field.size() == size; }

bool UnitsFit(const pb::Genesis& genesis) {
  if (genesis.unit().size() != kUnitBytes) {
    return false;
  }
  switch (genesis.kind()) {
    case pb::LINE:
      return NoneOr(kUnitBytes, genesis.other()) && genesis.to_superior().empty() &&
             genesis.superior().empty();
    case pb::DOWN:
      return genesis.other().empty() && genesis.to_superior().empty() && genesis.superior().empty();
    case pb::TO:
      return genesis.other().size() == kUnitBytes && NoneOr(kUnitBytes, genesis.to_superior()) &&
             NoneOr(kUnitBytes, genesis.superior());
    default:
      return false;
  }
}

bool PredecessorFits(const pb::Genesis& genesis) {
  if (genesis.follows() == pb::FOLLOWS_NOTHING) {
    return !genesis.has_predecessor();
  }
  const pb::Point& point = genesis.predecessor();
  return pb::Follows_IsValid(genesis.follows()) && genesis.has_predecessor() &&
         point.stream().size() == Digest::kSize && point.root().size() == Digest::kSize &&
         point.size() > 0;
}

bool GenesisFits(const pb::Genesis& genesis) {
  return genesis.network().size() == Digest::kSize && genesis.device().size() == Digest::kSize &&
         !genesis.certificate().empty() && genesis.certificate().size() <= kCertificateBytesMax &&
         genesis.salts_size() == static_cast<int>(kReaches) &&
         genesis.salts(0).size() == Digest::kSize && genesis.salts(1).size() == Digest::kSize &&
         genesis.incarnation().size() == 16 && UnitsFit(genesis) && PredecessorFits(genesis);
}

Bytes Varint(std::uint64_t value) {
  Bytes bytes;
  AppendVarint(bytes, value);
  return bytes;
}

}  // namespace

bool Parse(ByteView bytes, google::protobuf::Message& message) {
  google::protobuf::io::CodedInputStream in(Data(bytes), static_cast<int>(bytes.size()));
  in.SetRecursionLimit(kNestingMax);
  return message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

Result<Header> ReadHeader(ByteView bytes, std::uint64_t index) {
  if (bytes.size() > (index == 0 ? kGenesisBytesMax : kHeaderBytesMax)) {
    return Fail(Code::kTooLarge, "header_too_large");
  }
  Header header;
  const pb::EntryHeader& message = header.message;
  if (!Parse(bytes, header.message) || !NoneOr(Digest::kSize, message.pack()) ||
      !NoneOr(8, message.boot()) ||
      (message.has_register_() && message.register_().stream().size() != 8)) {
    return Fail(Code::kMalformed, "header_malformed");
  }
  if (static_cast<std::size_t>(message.slots_size()) > kRecordsMax) {
    return Fail(Code::kTooLarge, "entry_too_many_records");
  }
  if (message.has_genesis() != (index == 0) || (index == 0 && message.slots_size() > 0)) {
    return Fail(Code::kMalformed, "genesis_misplaced");
  }
  if (index == 0 && !GenesisFits(message.genesis())) {
    return Fail(Code::kMalformed, "genesis_malformed");
  }
  for (const std::uint32_t number : message.slots()) {
    const Slot slot{number / 8, number % 8};
    if (slot.kind == 0 || slot.reach >= kReaches) {
      return Fail(Code::kMalformed, "header_slot_malformed");
    }
    header.slots.push_back(slot);
  }
  return header;
}

Result<std::vector<HeldRecord>> ReadBody(ByteView body, const Header& header,
                                         std::size_t header_bytes) {
  std::vector<HeldRecord> records;
  std::size_t bytes = header_bytes;
  while (records.size() < header.slots.size()) {
    const auto length = TakeVarint(body);
    HeldRecord record;
    if (!length) {
      return Fail(Code::kMalformed, "entry_body_malformed");
    }
    const bool withheld = *length == 0;
    const std::uint64_t size = withheld ? Digest::kSize : *length - 1;
    const auto taken = size <= body.size() ? Take(body, size) : std::nullopt;
    if (!taken) {
      return Fail(Code::kMalformed, "entry_body_malformed");
    }
    if (withheld) {
      record.commitment = Digest::FromChecked(*taken);
    } else {
      record.payload = *taken;
      bytes += taken->size();
    }
    records.push_back(record);
  }
  if (!body.empty()) {
    return Fail(Code::kMalformed, "entry_body_malformed");
  }
  if (bytes > kEntryBytesMax) {
    return Fail(Code::kTooLarge, "entry_too_large");
  }
  return records;
}

Digest StreamIdOf(ByteView genesis_header) { return Sha256({"chibo/stream/v0\n", genesis_header}); }

Digest SecretCommitment(std::uint32_t reach, ByteView secret) {
  const char byte = static_cast<char>(reach);
  return Sha256({"chibo/salt/v0\n", ByteView(&byte, 1), secret});
}

Bytes Salt(ByteView secret, std::uint64_t index, std::uint32_t position) {
  Bytes place;
  AppendU64(place, index);
  AppendU32(place, position);
  return Bytes(HmacSha256(secret, place).view().substr(0, 16));
}

Digest Commitment(ByteView salt, std::uint32_t kind, ByteView payload) {
  return Sha256({ByteView("\x02", 1), salt, Varint(kind), payload});
}

Digest EntryLeaf(const Digest& stream, std::uint64_t index, const std::vector<Digest>& commitments,
                 ByteView header) {
  Tree records;
  for (const Digest& commitment : commitments) {
    records.Append(LeafHash(commitment.view()));
  }
  Bytes place;
  AppendU64(place, index);
  return Sha256({ByteView("\x00", 1), stream.view(), place, records.Root().view(), header});
}

Digest ContentDigest(std::uint32_t kind, ByteView payload) {
  return Sha256({Varint(kind), payload});
}

std::string CheckpointText(const Digest& network, const Digest& stream, std::uint64_t size,
                           const Digest& root) {
  return "chibo/v0/" + ToHex(network.view().substr(0, 16)) + "/" + stream.hex() + "\n" +
         std::to_string(size) + "\n" + ToBase64(root.view()) + "\n";
}

}  // namespace chibo::verify
