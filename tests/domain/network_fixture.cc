#include "tests/domain/network_fixture.h"

#include <algorithm>

#include "proto/checkpoint.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::int64_t kFirstClaimed = 1'572'566'400'000;  // 2019-11-01

Bytes Of(const UnitId& unit) { return unit.is_zero() ? Bytes() : Bytes(unit.view()); }

Bytes DigestOf(const pb::Record& record) {
  return Bytes(
      ContentDigest(static_cast<std::uint32_t>(record.body_case()), PayloadOf(record)).view());
}

void AddKey(pb::CertificateBody& body, pb::KeyUsage usage, std::uint32_t algorithm, ByteView key) {
  pb::Key* added = body.add_keys();
  added->set_usage(usage);
  added->set_algorithm(algorithm);
  added->set_key(Bytes(key));
}

pb::Point PointOf(const StreamId& stream, std::uint64_t size, const Hash& root) {
  pb::Point point;
  point.set_stream(Bytes(stream.view()));
  point.set_size(size);
  point.set_root(Bytes(root.view()));
  return point;
}

}  // namespace

// ---- TestStream

TestStream::TestStream(const NetworkId& network, const Holder& device, pb::EntryHeader genesis,
                       const StreamSecrets& secrets)
    : network_(network), device_(device), secrets_(secrets), genesis_(std::move(genesis)) {
  genesis_bytes_ = CanonicalBytes(genesis_);
  id_ = StreamIdOf(genesis_bytes_);
  Entry entry{genesis_bytes_, {}};
  branches_.push_back({0, 0, {EntryLeaf(id_, 0, entry)}, {entry}});
}

Hash TestStream::Root(std::uint64_t size, std::uint32_t branch) const {
  CHECK(size <= branches_[branch].leaves.size());
  return MerkleRoot({branches_[branch].leaves.data(), size});
}

pb::Point TestStream::Point(std::uint64_t size, std::uint32_t branch) const {
  return PointOf(id_, size, Root(size, branch));
}

std::vector<Fact> TestStream::Append(const std::vector<pb::Record>& records, std::uint32_t branch,
                                     std::uint32_t min_reader) {
  Branch& to = branches_[branch];
  const std::uint64_t index = to.leaves.size();
  std::vector<pb::Reach> reaches;
  for (const pb::Record& record : records) {
    reaches.push_back(TraitsOf(static_cast<std::uint32_t>(record.body_case()))->reach);
  }
  const Timestamp claimed{Duration(kFirstClaimed + static_cast<std::int64_t>(index) * 60'000)};
  pb::EntryHeader header;
  header.set_claimed_s(ClaimedSeconds(claimed));
  header.set_min_reader(min_reader);
  if (branch != 0) {
    header.set_boot("fork" + std::string(4, static_cast<char>(branch)));
  }
  auto entry = MakeEntry(id_, index, header, records, reaches, secrets_);
  CHECK(entry.has_value());
  to.leaves.push_back(EntryLeaf(id_, index, *entry));
  std::vector<Fact> facts;
  for (std::uint32_t position = 0; position < records.size(); ++position) {
    Fact fact;
    fact.name = {id_, index, position};
    fact.branch = branch;
    fact.stream_kind = genesis_.genesis().kind();
    fact.unit = UnitId::FromChecked(genesis_.genesis().unit());
    fact.other = UnitId::From(genesis_.genesis().other()).value_or(UnitId());
    fact.kind = static_cast<std::uint32_t>(records[position].body_case());
    fact.reach = reaches[position];
    fact.claimed = claimed;
    fact.record = std::make_shared<const pb::Record>(records[position]);
    fact.content = ContentDigest(fact.kind, *entry->records[position].payload);
    facts.push_back(fact);
  }
  to.entries.push_back(*std::move(entry));
  facts_.insert(facts_.end(), facts.begin(), facts.end());
  return facts;
}

Fact TestStream::Append(const pb::Record& record, std::uint32_t branch) {
  return Append(std::vector<pb::Record>{record}, branch).front();
}

std::uint32_t TestStream::Fork(std::uint64_t at, std::uint32_t from) {
  Branch branch{from, at, {}, {}};
  const auto count = static_cast<std::ptrdiff_t>(at);
  branch.leaves.assign(branches_[from].leaves.begin(), branches_[from].leaves.begin() + count);
  branch.entries.assign(branches_[from].entries.begin(), branches_[from].entries.begin() + count);
  branches_.push_back(std::move(branch));
  return static_cast<std::uint32_t>(branches_.size() - 1);
}

const Entry& TestStream::At(std::uint64_t index, std::uint32_t branch) const {
  return branches_[branch].entries[index];
}

Signature TestStream::Sign(std::uint64_t size, std::uint32_t branch) const {
  return SignCheckpoint(device_.key, network_, {id_, size, Root(size, branch)});
}

StreamState TestStream::State() const {
  StreamState state = StateUpTo(size());
  for (std::uint32_t branch = 1; branch < branches_.size(); ++branch) {
    const Branch& held = branches_[branch];
    state.branches.push_back({branch, held.parent, held.fork_at, size(branch)});
  }
  return state;
}

StreamState TestStream::StateUpTo(std::uint64_t size) const {
  StreamState state;
  state.id = id_;
  state.kind = genesis_.genesis().kind();
  state.unit = UnitId::FromChecked(genesis_.genesis().unit());
  state.other = UnitId::From(genesis_.genesis().other()).value_or(UnitId());
  state.device = SignPublicKey::FromChecked(genesis_.genesis().device());
  state.certificate = std::make_shared<const pb::Record>(device_.record);
  state.certificate_id = device_.id;
  state.branches = {{0, 0, 0, size}};
  return state;
}

std::vector<Fact> TestStream::Facts() const { return facts_; }

pb::Record TestStream::Copy(const Fact& fact, std::uint64_t size) const {
  const Branch& branch = branches_[fact.branch];
  const Entry& entry = branch.entries[fact.name.index];
  pb::Record record;
  pb::Copy& copy = *record.mutable_copy();
  copy.set_stream(Bytes(id_.view()));
  copy.set_index(fact.name.index);
  copy.set_position(fact.name.position);
  copy.set_header(entry.header);
  for (const HeldRecord& held : entry.records) {
    copy.add_commitments(Bytes(held.commitment.view()));
  }
  copy.set_payload(*entry.records[fact.name.position].payload);
  copy.set_salt(RecordSalt(*secrets_[static_cast<std::size_t>(fact.reach)], fact.name.index,
                           fact.name.position));
  for (const Hash& hash : InclusionProof({branch.leaves.data(), size}, fact.name.index)) {
    copy.add_proof(Bytes(hash.view()));
  }
  copy.set_size(size);
  copy.set_signature(Bytes(Sign(size, fact.branch).view()));
  copy.set_genesis(genesis_bytes_);
  return record;
}

// ---- FactList

Result<std::vector<Fact>> FactList::FactsOf(const FactKey& key) const {
  std::vector<Fact> found;
  for (const Fact& fact : facts_) {
    const std::vector<FactKey> keys = KeysOf(fact);
    if (std::binary_search(keys.begin(), keys.end(), key)) {
      found.push_back(fact);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Fact& a, const Fact& b) {
    return std::tie(a.name, a.branch) < std::tie(b.name, b.branch);
  });
  return found;
}

// ---- TestNetwork

TestNetwork::TestNetwork(std::uint64_t seed) : random_(seed) {
  root_keys_.emplace_back(SecretKey::Draw(random_));
  pb::RootSetBody& body = *root_set_.mutable_root_set()->mutable_body();
  body.set_version(1);
  body.set_name("Mạng thử");
  body.set_threshold(1);
  pb::Key* key = body.add_keys();
  key->set_usage(pb::SIGN);
  key->set_algorithm(1);
  key->set_key(Bytes(root_keys_[0].public_key().view()));
  body.set_random(random_.Draw(16));
  id_ = NetworkId::FromChecked(BodyDigest(root_set_).view());
  AddSignature(id_, root_keys_[0], root_set_);
}

pb::Record TestNetwork::Sign(pb::Record record, const Holder* issuer) const {
  if (issuer == nullptr) {
    AddSignature(id_, root_keys_[0], record);
    return record;
  }
  google::protobuf::Message& object =
      MutableBodyOf(static_cast<std::uint32_t>(record.body_case()), record);
  const auto* body_field = object.GetDescriptor()->FindFieldByName("body");
  google::protobuf::Message* body = object.GetReflection()->MutableMessage(&object, body_field);
  body->GetReflection()->SetString(body, body->GetDescriptor()->FindFieldByName("issuer"),
                                   Bytes(issuer->id.view()));
  AddSignature(id_, issuer->key, record);
  return record;
}

pb::CertificateBody TestNetwork::CertificateBody(const Holder* issuer, const UnitId& unit,
                                                 pb::Role role, const SigningKey& key,
                                                 const DhKey& noise) const {
  pb::CertificateBody body;
  body.set_unit(Of(unit));
  body.set_role(role);
  body.set_depth(issuer == nullptr ? 1 : issuer->depth + 1);
  AddKey(body, pb::SIGN, 1, key.public_key().view());
  if (role != pb::AUTHORITY && role != pb::PERSON) {
    AddKey(body, pb::NOISE, 2, noise.public_key().view());
  }
  return body;
}

Holder TestNetwork::Certify(const Holder* issuer, const UnitId& unit, pb::Role role,
                            const PersonId& person, const std::vector<std::uint32_t>& kinds) {
  Holder holder{
      unit, role, SigningKey(SecretKey::Draw(random_)), DhKey(SecretKey::Draw(random_)), person, 0,
      {},   {}};
  pb::CertificateBody body = CertificateBody(issuer, unit, role, holder.key, holder.noise);
  if (!person.is_zero()) {
    body.set_person(Bytes(person.view()));
  }
  body.mutable_kinds()->Assign(kinds.begin(), kinds.end());
  holder.depth = body.depth();
  *holder.record.mutable_certificate()->mutable_body() = body;
  holder.record = Sign(holder.record, issuer);
  holder.id = CertificateId::FromChecked(BodyDigest(holder.record).view());
  return holder;
}

pb::Record TestNetwork::UnitRecord(const Holder* issuer, const UnitId& unit, const UnitId& parent,
                                   const std::string& code, pb::UnitKind kind,
                                   std::uint32_t effective) const {
  pb::Record record;
  pb::UnitBody& body = *record.mutable_unit()->mutable_body();
  body.set_unit(Of(unit));
  body.set_parent(Of(parent));
  body.set_code(code);
  body.set_name("Đơn vị " + code);
  body.set_kind(kind);
  body.set_effective(effective);
  return Sign(record, issuer);
}

pb::Record TestNetwork::Revocation(const Holder* issuer, const CertificateId& certificate,
                                   const std::vector<pb::Point>& kept,
                                   const std::vector<pb::Record>& more) const {
  pb::Record record;
  pb::RevocationBody& body = *record.mutable_revocation()->mutable_body();
  body.set_certificate(Bytes(certificate.view()));
  for (const pb::Point& point : kept) {
    *body.add_kept() = point;
  }
  for (const pb::Record& list : more) {
    body.add_more(DigestOf(list));
  }
  body.set_reason("Thu hồi máy");
  return Sign(record, issuer);
}

pb::Record TestNetwork::Adoption(const Holder* issuer, const TestStream& stream, std::uint64_t from,
                                 std::uint64_t to, std::uint32_t branch) const {
  pb::Record record;
  pb::AdoptionBody& body = *record.mutable_adoption()->mutable_body();
  body.set_stream(Bytes(stream.id().view()));
  body.set_from(from);
  body.set_to(to);
  body.set_root(Bytes(stream.Root(to, branch).view()));
  return Sign(record, issuer);
}

pb::Record TestNetwork::ForkRuling(const Holder* issuer, const pb::Point& chosen) const {
  pb::Record record;
  pb::ForkRulingBody& body = *record.mutable_fork_ruling()->mutable_body();
  body.set_stream(chosen.stream());
  *body.mutable_chosen() = chosen;
  return Sign(record, issuer);
}

pb::Record TestNetwork::Move(const Holder* issuer, const UnitId& unit, const UnitId& parent,
                             const std::vector<pb::Point>& closed, const Hash& previous,
                             const std::vector<pb::Record>& more) const {
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MOVE);
  body.add_from(Of(unit));
  body.set_parent(Of(parent));
  body.set_effective(20190701);
  for (const pb::Point& point : closed) {
    *body.add_closed() = point;
  }
  for (const pb::Record& list : more) {
    body.add_more(DigestOf(list));
  }
  body.add_previous(Bytes(previous.view()));
  return Sign(record, issuer);
}

pb::Record TestNetwork::ListOf(const std::vector<pb::Point>& points) {
  pb::Record record;
  for (const pb::Point& point : points) {
    *record.mutable_point_list()->add_points() = point;
  }
  return record;
}

pb::Record TestNetwork::Decision(const Holder* issuer, const UnitId& authority,
                                 const pb::Subject& subject) const {
  pb::Record record;
  pb::DecisionBody& body = *record.mutable_decision()->mutable_body();
  body.set_authority(Of(authority));
  body.set_number("15-QĐ/ĐU");
  body.set_date(20191220);
  body.set_period("2019");
  pb::DecisionRow* row = body.add_rows();
  *row->mutable_subject() = subject;
  row->set_grade(pb::HTTNV);
  return Sign(record, issuer);
}

pb::Record TestNetwork::Register(const std::vector<pb::Point>& received) const {
  pb::Record record;
  for (const pb::Point& point : received) {
    *record.mutable_register_()->add_received() = point;
  }
  record.mutable_register_()->set_time_ms(kFirstClaimed);
  return record;
}

TestStream& TestNetwork::OpenStream(const Holder& device, pb::StreamKind kind,
                                    const UnitId& other) {
  StreamSecrets secrets;
  pb::EntryHeader header;
  header.set_claimed_s(ClaimedSeconds(Timestamp(Duration(kFirstClaimed))));
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(id_.view()));
  genesis.set_device(Bytes(device.key.public_key().view()));
  genesis.set_certificate(PayloadOf(device.record));
  genesis.set_kind(kind);
  genesis.set_unit(Of(device.unit));
  genesis.set_other(Of(other));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets[static_cast<std::size_t>(reach)] = random_.DrawFixed<StreamSecret>();
    genesis.add_salts(
        Bytes(SecretCommitment(reach, *secrets[static_cast<std::size_t>(reach)]).view()));
  }
  genesis.set_incarnation(random_.Draw(16));
  return streams_.emplace_back(id_, device, header, secrets);
}

Authority::RootAt TestNetwork::AllRoots() const {
  return
      [this](const StreamId& id, std::uint32_t branch, std::uint64_t size) -> std::optional<Hash> {
        for (const TestStream& stream : streams_) {
          if (stream.id() == id) {
            const std::size_t branches = stream.State().branches.size();
            return branch < branches && size <= stream.size(branch)
                       ? std::optional(stream.Root(size, branch))
                       : std::nullopt;
          }
        }
        return std::nullopt;
      };
}

Authority TestNetwork::Everything() const {
  Authority authority(id_, AllRoots());
  for (const TestStream& stream : streams_) {
    authority.PutStream(stream.State());
  }
  for (const TestStream& stream : streams_) {
    for (const Fact& fact : stream.Facts()) {
      authority.Add(fact);
    }
  }
  return authority;
}

// ---- TestProvince

TestProvince::TestProvince(std::uint64_t seed) : network(seed) {
  OpenOffice(province, nullptr, "tinh", pb::PROVINCE);
  OpenOffice(district, &province, "huyen", pb::DISTRICT);
  OpenOffice(commune_a, &district, "xa01", pb::GRASSROOTS_BODY);
  OpenOffice(commune_b, &district, "xa02", pb::GRASSROOTS_BODY);
  OpenCell(cell_1, commune_a, "xa01-cb01");
  OpenCell(cell_2, commune_a, "xa01-cb02");
  OpenCell(cell_3, commune_b, "xa02-cb01");
}

void TestProvince::OpenOffice(Office& office, Office* superior, const std::string& code,
                              pb::UnitKind kind) {
  office.unit = network.DrawUnit();
  const Holder* above = superior == nullptr ? nullptr : &*superior->authority;
  office.authority = network.Certify(above, office.unit, pb::AUTHORITY);
  office.server = network.Certify(&*office.authority, office.unit, pb::SERVER);
  const UnitId parent = superior == nullptr ? UnitId() : superior->unit;
  office.line = &network.OpenStream(*office.server, pb::LINE, parent);
  office.down = &network.OpenStream(*office.server, pb::DOWN);
  const pb::Record unit = network.UnitRecord(superior == nullptr ? &*office.authority : above,
                                             office.unit, parent, code, kind);
  if (superior == nullptr) {
    office.down->Append({network.root_set(), unit});
  } else {
    TestStream& to = network.OpenStream(*superior->server, pb::TO, office.unit);
    superior->to[office.unit] = &to;
    superior->down->Append(unit);
    to.Append({office.authority->record, office.server->record});
  }
  office.down->Append({office.authority->record, office.server->record});
}

void TestProvince::OpenCell(Cell& cell, Office& superior, const std::string& code) {
  cell.unit = network.DrawUnit();
  cell.secretary = network.Certify(&*superior.authority, cell.unit, pb::SECRETARY);
  superior.down->Append(
      network.UnitRecord(&*superior.authority, cell.unit, superior.unit, code, pb::CELL));
  TestStream& to = network.OpenStream(*superior.server, pb::TO, cell.unit);
  superior.to[cell.unit] = &to;
  to.Append(cell.secretary->record);
  cell.line = &network.OpenStream(*cell.secretary, pb::LINE, superior.unit);
}

}  // namespace chibo
