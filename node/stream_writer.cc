#include "node/stream_writer.h"

#include <algorithm>
#include <utility>

#include "proto/checkpoint.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// Without them nothing more can be written into a stream.
Result<bool> HasSecrets(const LogStore& log, const Stream& stream) {
  const auto secrets = log.Secrets(stream.no);
  if (!secrets && secrets.error().code == Code::kDamaged) {
    return false;
  }
  CHIBO_TRY(secrets);
  const std::size_t committed =
      std::min(static_cast<std::size_t>(stream.genesis.salts_size()), secrets->size());
  return std::all_of(secrets->begin(), secrets->begin() + static_cast<std::ptrdiff_t>(committed),
                     [](const auto& secret) { return secret.has_value(); });
}

}  // namespace

void Draft::Add(pb::Record record) {
  const KindTraits* traits = TraitsOf(static_cast<std::uint32_t>(record.body_case()));
  CHECK(traits != nullptr);
  Add(std::move(record), traits->reach);
}

void Draft::Add(pb::Record record, pb::Reach reach) {
  records.push_back(std::move(record));
  reaches.push_back(reach);
}

Result<RecordName> StreamWriter::Append(pb::StreamKind kind, const UnitId& other, Draft draft) {
  CHECK(!draft.records.empty() && draft.records.size() == draft.reaches.size());
  for (std::size_t i = 0; i < draft.records.size(); ++i) {
    if (auto meant = CheckMeaning(draft.records[i]); !meant) {
      Error error = std::move(meant).error();
      error.where = "records[" + std::to_string(i) + "]." + error.where;
      return tl::unexpected(std::move(error));
    }
    // It may have to be sealed for its readers, by others.
    if (kind == pb::TO && draft.reaches[i] == pb::PARENT &&
        BodyOf(draft.records[i]).ByteSizeLong() > limits::kSealedTextBytesMax) {
      return Fail(Code::kTooLarge, "entry_too_large", "records[" + std::to_string(i) + "]");
    }
  }
  CHIBO_TRY_VALUE(const Stream* stream, OpenStream(kind, other));
  const std::uint64_t index = stream->size();
  pb::EntryHeader header;
  header.set_claimed_s(ClaimedSeconds(draft.claimed));
  header.set_pack(draft.pack);
  CHIBO_TRY_VALUE(auto known, NewRegister(*stream));
  if (known) {
    *header.mutable_register_() = *std::move(known);
  }
  if (!booted_) {
    header.set_boot(random_.Draw(8));
  }
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream->no));
  CHIBO_TRY_VALUE(Entry entry, MakeEntry(stream->id, index, std::move(header), draft.records,
                                         draft.reaches, secrets));
  const RecordName name{stream->id, index, 0};
  CHIBO_TRY(AppendEntry(*stream, index, std::move(entry)));
  booted_ = true;
  return name;
}

Status StreamWriter::AppendEntry(const Stream& stream, std::uint64_t index, Entry entry) {
  const Hash leaf = EntryLeaf(stream.id, index, entry);
  Streams::Appended appended;
  if (const BranchRow* head = stream.FindBranch(0)) {
    appended.peaks = head->peaks;
  }
  appended.peaks.Append(leaf);
  appended.entries.push_back({index, entry.header, EncodeBody(entry), leaf});
  appended.signed_size = index + 1;
  appended.signature =
      SignCheckpoint(device_, settings_.network, {stream.id, index + 1, appended.peaks.Root()});
  CHIBO_TRY(streams_.Append(stream, appended));
  return projector_.Project(stream, 0, index, {&entry, 1});
}

Result<const Stream*> StreamWriter::OpenStream(pb::StreamKind kind, const UnitId& other) {
  const UnitId wanted = kind == pb::TO ? other : UnitId();
  const Stream* latest = nullptr;
  for (const Stream* stream : streams_.All()) {
    if (!stream->own || stream->kind != kind || stream->unit != settings_.unit ||
        (kind == pb::TO && stream->other != wanted)) {
      continue;
    }
    latest = stream;
  }
  if (latest != nullptr && !latest->retired && !latest->forked() && IsAddressedWell(*latest) &&
      projector_.authority().StandingOfEntry(latest->id, 0, latest->size()) == SetAside::kCounts) {
    CHIBO_TRY_VALUE(const bool writable, HasSecrets(log_, *latest));
    if (writable) {
      return latest;
    }
    CHIBO_TRY(streams_.Retire(*latest));
  }
  return BeginStream(kind, other, latest);
}

// After a move the line has another superior: its records of parent reach are meant for that one.
// So are those to a unit that has another superior now, or whose superior was not known.
bool StreamWriter::IsAddressedWell(const Stream& stream) const {
  if (stream.kind == pb::TO) {
    const auto superior = projector_.authority().KeeperOf(stream.other);
    return !superior || stream.genesis.to_superior() == superior->view();
  }
  return stream.kind != pb::LINE || stream.other == settings_.parent.value_or(UnitId());
}

Result<pb::Record> StreamWriter::OwnCertificate() {
  if (certificate_) {
    return *certificate_;
  }
  std::set<CertificateId> current;
  for (const ValidCertificate& certificate :
       projector_.authority().Current(settings_.unit, settings_.role)) {
    if (certificate.key == device_.public_key()) {
      current.insert(certificate.id);
    }
  }
  CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfKind(pb::Record::kCertificate)));
  for (auto fact = facts.rbegin(); fact != facts.rend(); ++fact) {
    if (fact->counts() &&
        current.contains(CertificateId::FromChecked(BodyDigest(*fact->record).view()))) {
      return *fact->record;
    }
  }
  return Fail(Code::kNotAllowed, "device_without_certificate");
}

Result<const Stream*> StreamWriter::BeginStream(pb::StreamKind kind, const UnitId& other,
                                                const Stream* before) {
  CHIBO_TRY_VALUE(const pb::Record certificate, OwnCertificate());
  const Authority& authority = projector_.authority();
  pb::EntryHeader header;
  header.set_boot(random_.Draw(8));
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(settings_.network.view()));
  genesis.set_device(Bytes(device_.public_key().view()));
  genesis.set_certificate(PayloadOf(certificate));
  genesis.set_kind(kind);
  genesis.set_unit(Bytes(settings_.unit.view()));
  if (kind == pb::TO) {
    genesis.set_other(Bytes(other.view()));
    if (const auto superior = authority.KeeperOf(other)) {
      genesis.set_to_superior(Bytes(superior->view()));
    }
    if (settings_.parent) {
      genesis.set_superior(Bytes(settings_.parent->view()));
    }
  } else if (kind == pb::LINE && settings_.parent) {
    genesis.set_other(Bytes(settings_.parent->view()));
  }
  StreamSecrets secrets;
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets[reach] = random_.DrawFixed<StreamSecret>();
    genesis.add_salts(Bytes(SecretCommitment(reach, *secrets[reach]).view()));
  }
  genesis.set_incarnation(random_.Draw(16));
  if (before != nullptr) {
    CHIBO_TRY_VALUE(const auto root, streams_.RootAt(*before, 0, before->size()));
    genesis.mutable_predecessor()->set_stream(Bytes(before->id.view()));
    genesis.mutable_predecessor()->set_size(before->size());
    genesis.mutable_predecessor()->set_root(Bytes(root.value_or(Hash()).view()));
    genesis.set_follows(before->retired || before->forked() ? pb::UNPROVEN_RESTART
                        : IsAddressedWell(*before)          ? pb::NEW_CERTIFICATE
                                                            : pb::MOVED);
  }
  Entry entry;
  entry.header = header.SerializeAsString();
  CHIBO_TRY_VALUE(const Stream* stream, streams_.Add(entry.header, true));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    CHIBO_TRY(log_.PutSecret(stream->no, reach, *secrets[reach]));
  }
  CHIBO_TRY(AppendEntry(*stream, 0, std::move(entry)));
  return streams_.Find(stream->id);
}

Result<std::optional<pb::RegisterRef>> StreamWriter::NewRegister(const Stream& stream) {
  if (!settings_.parent) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const auto newest, log_.Value(kNewestRegister));
  if (!newest) {
    return std::nullopt;
  }
  const std::string key = "named-register/" + stream.id.hex();
  CHIBO_TRY_VALUE(const auto named, log_.Value(key));
  if (named == newest) {
    return std::nullopt;
  }
  CHIBO_TRY(log_.PutValue(key, *newest));
  pb::RegisterRef ref;
  if (!ref.ParseFromString(*newest)) {
    return Fail(Code::kDamaged, "settings_damaged", std::string(kNewestRegister));
  }
  return ref;
}

Status StreamWriter::RetireOwnStreams() {
  for (const Stream* stream : streams_.All()) {
    if (stream->own && !stream->retired) {
      CHIBO_TRY(streams_.Retire(*stream));
    }
  }
  return {};
}

}  // namespace chibo
