#include "tests/verify/sealed.h"

#include <filesystem>
#include <fstream>

#include "node/identity.h"
#include "storage/log_store.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"
#include "tests/verify/directory.h"

namespace chibo {
namespace {

class Sealed final : public AtRest {
 public:
  Sealed(const SecretKey& key, Random& random) : key_(key), random_(random) {}
  Bytes Protect(ByteView place, ByteView plain) override {
    return Seal(key_, random_.Draw(24), place, plain);
  }
  Result<Bytes> Reveal(ByteView, ByteView) const override {
    return Fail(Code::kDamaged, "value_unreadable");
  }

 private:
  SecretKey key_;
  Random& random_;
};

UnlockedKey WriteKey(const std::string& directory, Random& random) {
  NewKeyOptions options;
  options.purpose = "device";
  options.device = true;
  options.data = true;
  options.passphrase = kSealedPassphrase;
  options.cost = kPassphraseCostLeast;
  NewKey made = Must(MakeKey(options, random));
  std::filesystem::create_directories(directory + "/keys");
  std::ofstream(directory + "/keys/device.key", std::ios::binary) << made.file.SerializeAsString();
  return std::move(made.key);
}

void CopyStream(const LogStore& from, const StreamRow& stream, LogStore& to) {
  const StreamNo no = Must(to.AddStream(stream.id, stream.own, stream.genesis));
  for (const BranchRow& branch : Must(from.Branches(stream.no))) {
    CHECK(to.PutBranch(no, branch));
    const auto entries =
        Must(from.ReadEntries(stream.no, branch.branch, branch.fork_at, SIZE_MAX, SIZE_MAX));
    for (const StoredEntry& entry : entries) {
      CHECK(to.PutEntry(no, branch.branch, entry));
    }
    for (std::uint64_t size = 1; size <= branch.peaks.size(); ++size) {
      const auto checkpoint = Must(from.CheckpointAtMost(stream.no, branch.branch, size));
      if (checkpoint && checkpoint->size == size) {
        CHECK(to.PutCheckpoint(no, branch.branch, *checkpoint));
      }
    }
  }
  const StreamSecrets secrets = Must(from.Secrets(stream.no));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    if (secrets[reach]) {
      CHECK(to.PutSecret(no, reach, *secrets[reach]));
    }
  }
  for (const Registered& row : Must(from.RegisteredOf(stream.id))) {
    CHECK(to.PutRegistered(row));
  }
}

}  // namespace

void WriteSealed(const std::string& plain_directory, const std::string& directory, Random& random) {
  const UnlockedKey key = WriteKey(directory, random);
  const auto source = Must(OpenSqlite(plain_directory + "/chibo.db", SqliteOptions{}));
  const auto target = Must(OpenSqlite(directory + "/chibo.db", SqliteOptions{}));
  NoProtection none;
  Sealed sealed(*key.data, random);
  const LogStore from(*source, none);
  LogStore to(*target, sealed);
  CHECK(to.OpenSchema());
  CHECK(target->Begin());
  for (const StreamRow& stream : Must(from.Streams())) {
    CopyStream(from, stream, to);
  }
  for (const char* name : {"network", "unit", "role", "parent"}) {
    CHECK(to.PutValue(name, Must(from.Value(name)).value()));
  }
  CHECK(to.PutValue("secret/thử", "giá trị"));
  CHECK(target->Commit());
}

}  // namespace chibo
