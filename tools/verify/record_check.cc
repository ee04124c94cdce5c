#include "tools/verify/record_check.h"

#include <memory>
#include <utility>

#include "tools/verify/merkle.h"

namespace chibo::verify {
namespace {

constexpr std::size_t kPersonBytes = 16;

bool AllAre(std::size_t size, const google::protobuf::RepeatedPtrField<Bytes>& fields) {
  for (const Bytes& field : fields) {
    if (field.size() != size) {
      return false;
    }
  }
  return true;
}

std::vector<Digest> DigestsOf(const google::protobuf::RepeatedPtrField<Bytes>& fields) {
  std::vector<Digest> digests;
  for (const Bytes& field : fields) {
    digests.push_back(Digest::FromChecked(field));
  }
  return digests;
}

Bytes AttestedMessage(const Digest& network, const Bytes& unit, pb::Act act,
                      const Bytes& content_digests) {
  Bytes message = "chibo/attestation/v0\n";
  message.append(network.view()).append(unit);
  AppendVarint(message, static_cast<std::uint64_t>(act));
  return message.append(Sha256({content_digests}).view());
}

}  // namespace

void RecordCheck::CheckEntry(const OpenedEntry& entry) {
  for (std::uint32_t position = 0; position < entry.records.size(); ++position) {
    if (entry.records[position].payload && IsKnownKind(entry.slots[position].kind)) {
      CheckOne(entry, position);
    }
  }
}

void RecordCheck::CheckOne(const OpenedEntry& entry, std::uint32_t position) {
  const std::uint32_t kind = entry.slots[position].kind;
  Place place = entry.place;
  place.position = position;
  auto record = ReadRecord(kind, *entry.records[position].payload);
  if (!record) {
    if (!entry.damaged) {
      report_.Problem(record.error().reason, std::move(place), record.error().where);
    }
    return;
  }
  if (IsSignedKind(kind)) {
    TakeSigned(*std::move(record), place, entry.damaged);
  } else if (record->has_register_()) {
    TakeRegister(entry, position, record->register_());
  } else if (record->has_person_key()) {
    TakePersonKey(record->person_key(), place, entry.damaged);
  } else if (record->has_attestation() && !entry.damaged) {
    TakeAttestation(entry, record->attestation(), place);
  } else if (record->has_copy()) {
    TakeCopy(record->copy(), place, entry.damaged);
  }
}

void RecordCheck::CheckGenesis(const pb::Genesis& genesis, const Place& place, bool damaged) {
  auto record = ReadRecord(pb::Record::kCertificate, genesis.certificate());
  if (!record) {
    if (!damaged) {
      report_.Problem("writer_certificate_unreadable", place);
    }
    return;
  }
  const Digest id = TakeApart(*record).digest;
  gathered_.writers.push_back(
      {id, Digest::From(genesis.device()).value_or(Digest()), genesis.unit(), place});
  // What is wrong with it is told as the stream's writer's.
  TakeSigned(*std::move(record), place, true);
  const auto before = Digest::From(genesis.predecessor().stream());
  const auto root = Digest::From(genesis.predecessor().root());
  if (before && root && !damaged) {
    gathered_.claims.push_back({*before, genesis.predecessor().size(), *root, place,
                                "predecessor_differs", "predecessor_beyond"});
  }
}

void RecordCheck::TakeSigned(pb::Record record, const Place& place, bool quiet) {
  Statement statement;
  statement.parts = TakeApart(record);
  statement.record = std::make_shared<const pb::Record>(std::move(record));
  statement.place = place;
  statement.quiet = quiet;
  gathered_.statements.push_back(std::move(statement));
}

void RecordCheck::TakeRegister(const OpenedEntry& entry, std::uint32_t position,
                               const pb::Register& record) {
  Place place = entry.place;
  place.position = position;
  RegisterSeen seen{entry.unit, record.time_ms(), {}};
  for (const pb::Point& point : record.received()) {
    const auto stream = Digest::From(point.stream());
    const auto root = Digest::From(point.root());
    if (!stream || !root) {
      if (!entry.damaged) {
        report_.Problem("record_malformed", place, "register");
      }
      return;
    }
    seen.points[*stream] = {point.size(), point.root()};
    if (!entry.damaged) {
      gathered_.claims.push_back(
          {*stream, point.size(), *root, place, "register_differs", "register_beyond"});
    }
  }
  gathered_.registers.emplace(RecordName{entry.stream, entry.index, position}, std::move(seen));
}

void RecordCheck::TakePersonKey(const pb::PersonKey& record, const Place& place, bool quiet) {
  const auto key = Digest::From(record.key().key());
  if (!key || record.person().size() != kPersonBytes) {
    if (!quiet) {
      report_.Problem("record_malformed", place, "person_key");
    }
    return;
  }
  const Bytes message = Bytes("chibo/person-key/v0\n") + Bytes(network_.view()) + record.person() +
                        record.key().key();
  if (SignatureHolds(*key, message, record.proof())) {
    gathered_.person_keys[record.person()].insert(*key);
  } else if (!quiet) {
    report_.Problem("person_key_unproven", place);
  }
}

void RecordCheck::TakeAttestation(const OpenedEntry& entry, const pb::Attestation& record,
                                  const Place& place) {
  Bytes contents;
  for (const std::uint32_t position : record.positions()) {
    if (position >= entry.records.size()) {
      report_.Problem("record_malformed", place, "attestation");
      return;
    }
    const auto& payload = entry.records[position].payload;
    if (!payload) {
      return;  // withheld or erased: what was signed is not here
    }
    contents.append(ContentDigest(entry.slots[position].kind, *payload).view());
  }
  for (const Bytes& content : record.contents()) {
    contents.append(content);
  }
  for (const pb::Attestor& attestor : record.attestors()) {
    gathered_.attestations.push_back(
        {attestor.person(), AttestedMessage(network_, entry.unit, attestor.act(), contents),
         attestor.signature(), place});
  }
}

void RecordCheck::TakeCopy(const pb::Copy& copy, const Place& place, bool quiet) {
  const Status opened = OpenCopy(copy, place, quiet);
  if (!opened && !quiet) {
    report_.Problem(opened.error().reason, place,
                    ToHex(copy.stream()) + "/" + std::to_string(copy.index()));
  }
}

Status RecordCheck::OpenCopy(const pb::Copy& copy, const Place& place, bool quiet) {
  const auto stream = Digest::From(copy.stream());
  if (!stream || StreamIdOf(copy.genesis()) != *stream || copy.index() == 0 ||
      copy.salt().size() != 16 || !AllAre(Digest::kSize, copy.commitments()) ||
      !AllAre(Digest::kSize, copy.proof())) {
    return Fail(Code::kMalformed, "copy_malformed");
  }
  CHIBO_TRY_VALUE(const Header genesis, ReadHeader(copy.genesis(), 0));
  CHIBO_TRY_VALUE(const Header header, ReadHeader(copy.header(), copy.index()));
  const std::vector<Digest> commitments = DigestsOf(copy.commitments());
  if (genesis.message.genesis().network() != network_.view()) {
    return Fail(Code::kWrongNetwork, "genesis_of_another_network");
  }
  if (header.slots.size() != commitments.size() || copy.position() >= commitments.size()) {
    return Fail(Code::kMalformed, "copy_malformed");
  }
  const Slot& slot = header.slots[copy.position()];
  if (Commitment(copy.salt(), slot.kind, copy.payload()) != commitments[copy.position()]) {
    return Fail(Code::kBadProof, "copy_unproven");
  }
  const auto root = RootFromProof(EntryLeaf(*stream, copy.index(), commitments, copy.header()),
                                  copy.index(), copy.size(), DigestsOf(copy.proof()));
  const Digest device = Digest::FromChecked(genesis.message.genesis().device());
  if (!root || !SignatureHolds(device, CheckpointText(network_, *stream, copy.size(), *root),
                               copy.signature())) {
    return Fail(Code::kBadProof, "copy_unproven");
  }
  if (!quiet) {
    gathered_.claims.push_back({*stream, copy.size(), *root, place, "copy_differs", ""});
  }
  CheckGenesis(genesis.message.genesis(), place, quiet);
  if (IsKnownKind(slot.kind)) {
    CHIBO_TRY_VALUE(pb::Record record, ReadRecord(slot.kind, copy.payload()));
    if (IsSignedKind(slot.kind)) {
      TakeSigned(std::move(record), place, quiet);
    }
  }
  return {};
}

}  // namespace chibo::verify
