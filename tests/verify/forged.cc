#include "tests/verify/forged.h"

#include "proto/checkpoint.h"
#include "proto/record.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"

namespace chibo {
namespace {

pb::Record CertificateOf(const ForgedStream& forged, const SigningKey& device,
                         const SigningKey& issuer) {
  pb::CertificateBody body;
  body.set_unit(Bytes(forged.unit.view()));
  body.set_role(pb::SERVER);
  pb::Key& key = *body.add_keys();
  key.set_usage(pb::SIGN);
  key.set_algorithm(1);
  key.set_key(Bytes(device.public_key().view()));
  return MakeCertificate(forged.network, {forged.issuer, forged.depth - 1, {&issuer}},
                         std::move(body));
}

pb::EntryHeader GenesisOf(const ForgedStream& forged, const pb::Record& certificate,
                          const SigningKey& device, const StreamSecrets& secrets, Random& random) {
  pb::EntryHeader header;
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(forged.network.view()));
  genesis.set_device(Bytes(device.public_key().view()));
  genesis.set_certificate(PayloadOf(certificate));
  genesis.set_kind(pb::DOWN);
  genesis.set_unit(Bytes(forged.unit.view()));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    genesis.add_salts(Bytes(SecretCommitment(reach, *secrets[reach]).view()));
  }
  genesis.set_incarnation(random.Draw(16));
  return header;
}

}  // namespace

StreamId AddForged(const std::string& directory, const ForgedStream& forged, Random& random) {
  const SigningKey device(SecretKey::Draw(random));
  const SigningKey issuer(SecretKey::Draw(random));
  StreamSecrets secrets;
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets[reach] = random.DrawFixed<StreamSecret>();
  }
  const pb::Record certificate = CertificateOf(forged, device, issuer);
  Entry genesis;
  genesis.header = GenesisOf(forged, certificate, device, secrets, random).SerializeAsString();
  const StreamId id = StreamIdOf(genesis.header);
  const Entry second = Must(MakeEntry(
      id, 1, {}, forged.records, std::vector<pb::Reach>(forged.records.size(), pb::ALL), secrets));

  const auto sql = Must(OpenSqlite(directory + "/chibo.db", SqliteOptions{}));
  NoProtection none;
  LogStore log(*sql, none);
  CHECK(sql->Begin());
  const StreamNo no = Must(log.AddStream(id, false, genesis.header));
  BranchRow branch;
  for (const Entry& entry : {genesis, second}) {
    const std::uint64_t index = branch.peaks.size();
    const Hash leaf = EntryLeaf(id, index, entry);
    branch.peaks.Append(leaf);
    CHECK(log.PutEntry(no, 0, {index, entry.header, EncodeBody(entry), leaf}));
  }
  branch.signed_size = 2;
  branch.signature = SignCheckpoint(device, forged.network, {id, 2, branch.peaks.Root()});
  CHECK(log.PutCheckpoint(no, 0, {2, *branch.signature}));
  CHECK(log.PutBranch(no, branch));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    CHECK(log.PutSecret(no, reach, *secrets[reach]));
  }
  CHECK(sql->Commit());
  return id;
}

}  // namespace chibo
