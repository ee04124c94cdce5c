#include "node/cli/open_node.h"

#include <utility>

#include "node/cli/files.h"
#include "node/record_labels.h"
#include "storage/sqlite/sqlite_connection.h"

namespace chibo {
namespace {

constexpr std::string_view kOpened = "opened";
// The device whose store it is; plain, like the settings.
constexpr std::string_view kDevice = "device";

Result<std::unique_ptr<SqlConnection>> OpenSql(const DataDirectory& directory, bool server) {
  SqliteOptions options;
  options.kind = server ? SqliteKind::kServer : SqliteKind::kCell;
  return OpenSqlite(directory.store(), options);
}

Result<UnlockedKey> UnlockDevice(const DataDirectory& directory, Passphrases& passphrases) {
  CHIBO_TRY_VALUE(const pb::KeyFile file, directory.ReadKey("device"));
  std::optional<Secret> passphrase;
  if (IsSealed(file)) {
    CHIBO_TRY_VALUE(passphrase, passphrases.For("device"));
  }
  auto device =
      UnlockKey(file, passphrase ? std::optional<ByteView>(passphrase->view()) : std::nullopt);
  if (!device) {
    return tl::unexpected(Error{device.error().code, device.error().reason, "device"});
  }
  return *std::move(device);
}

// A cell's device key carries the key of what lies at rest, a server's does not.
std::unique_ptr<AtRest> AtRestOf(const UnlockedKey& device, Random& random) {
  if (!device.data) {
    return std::make_unique<NoProtection>();
  }
  return std::make_unique<SealedAtRest>(*device.data, random);
}

std::uint64_t EntriesIn(const Streams& streams) {
  std::uint64_t entries = 0;
  for (const Stream* stream : streams.All()) {
    entries += stream->own ? stream->size() : 0;
  }
  return entries;
}

}  // namespace

Status CheckDevice(const LogStore& log, const SignPublicKey& device) {
  CHIBO_TRY_VALUE(const auto kept, log.Value(kDevice));
  if (kept == device.view()) {
    return {};
  }
  CHIBO_TRY_VALUE(const Settings settings, ReadSettings(log));
  return Fail(Code::kNotANode, "store_of_another_device",
              settings.unit_code + ", " + settings.network_name);
}

Bytes SealedAtRest::Protect(ByteView place, ByteView plain) {
  return Seal(key_, random_.Draw(24), place, plain);
}

Result<Bytes> SealedAtRest::Reveal(ByteView place, ByteView stored) const {
  auto plain = chibo::Open(key_, place, stored);
  if (!plain) {
    return Fail(Code::kDamaged, "value_unreadable");
  }
  return *std::move(plain);
}

Result<std::unique_ptr<PlainStore>> PlainStore::Open(const DataDirectory& directory) {
  CHIBO_TRY(directory.CheckNode());
  CHIBO_TRY_VALUE(DirectoryLock lock, DirectoryLock::Take(directory));
  CHIBO_TRY_VALUE(const pb::KeyFile device, directory.ReadKey("device"));
  std::unique_ptr<PlainStore> store(new PlainStore(std::move(lock)));
  const auto key = SignKeyOf(device);
  if (!key) {
    return Fail(Code::kMalformed, "key_file_unreadable", directory.key("device"));
  }
  CHIBO_TRY_VALUE(store->sql_, OpenSql(directory, !IsSealed(device)));
  store->log_ = std::make_unique<LogStore>(*store->sql_, store->at_rest_);
  CHIBO_TRY(store->log_->OpenSchema());
  CHIBO_TRY(CheckDevice(*store->log_, *key));
  CHIBO_TRY_VALUE(store->settings_, ReadSettings(*store->log_));
  store->streams_ = std::make_unique<Streams>(store->settings_.network, *store->log_);
  CHIBO_TRY(store->streams_->Load());
  return store;
}

Result<std::unique_ptr<BareStore>> BareStore::Open(
    const DataDirectory& directory, Passphrases& passphrases, Random& random,
    const std::function<Status(const UnlockedKey&)>& first) {
  CHIBO_TRY(directory.CheckNode());
  CHIBO_TRY_VALUE(DirectoryLock lock, DirectoryLock::Take(directory));
  CHIBO_TRY_VALUE(const UnlockedKey device, UnlockDevice(directory, passphrases));
  CHIBO_TRY(first(device));
  std::unique_ptr<BareStore> store(new BareStore(std::move(lock)));
  store->at_rest_ = AtRestOf(device, random);
  CHIBO_TRY_VALUE(store->sql_, OpenSql(directory, !device.data));
  store->log_ = std::make_unique<LogStore>(*store->sql_, *store->at_rest_);
  CHIBO_TRY(store->log_->OpenSchema());
  CHIBO_TRY(CheckDevice(*store->log_, device.sign.public_key()));
  CHIBO_TRY_VALUE(store->settings_, ReadSettings(*store->log_));
  return store;
}

// The store's connection, seen by the node after each commit.
class Node::Watched final : public SqlConnection {
 public:
  Watched(std::unique_ptr<SqlConnection> inner, Node& node)
      : inner_(std::move(inner)), node_(node) {}

  Result<SqlStatement*> Prepare(std::string_view sql) override { return inner_->Prepare(sql); }
  Status Execute(std::string_view sql) override { return inner_->Execute(sql); }
  Status Begin() override { return inner_->Begin(); }
  Status Commit() override {
    CHIBO_TRY(inner_->Commit());
    node_.Committed();
    return {};
  }
  void Rollback() override { inner_->Rollback(); }
  const SqlDialect& dialect() const override { return inner_->dialect(); }

 private:
  std::unique_ptr<SqlConnection> inner_;
  Node& node_;
};

Node::Node(DataDirectory directory, DirectoryLock lock, UnlockedKey device)
    : directory_(std::move(directory)), lock_(std::move(lock)), device_(std::move(device)) {}

Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::Open(const DataDirectory& directory, Passphrases& passphrases,
                                         Random& random, Use use) {
  CHIBO_TRY(directory.CheckNode());
  CHIBO_TRY_VALUE(DirectoryLock lock, DirectoryLock::Take(directory));
  CHIBO_TRY_VALUE(UnlockedKey device, UnlockDevice(directory, passphrases));
  std::unique_ptr<Node> node(new Node(directory, std::move(lock), std::move(device)));
  CHIBO_TRY(node->OpenStore(random, nullptr));
  CHIBO_TRY(node->OpenReplica(random, use));
  return node;
}

Result<std::unique_ptr<Node>> Node::Create(const DataDirectory& directory, UnlockedKey device,
                                           const Settings& settings, Random& random) {
  CHIBO_TRY_VALUE(DirectoryLock lock, DirectoryLock::Take(directory));
  std::unique_ptr<Node> node(new Node(directory, std::move(lock), std::move(device)));
  CHIBO_TRY(node->OpenStore(random, &settings));
  CHIBO_TRY(node->OpenReplica(random, Use::kWrite));
  return node;
}

Status Node::OpenStore(Random& random, const Settings* fresh) {
  at_rest_ = AtRestOf(device_, random);
  CHIBO_TRY_VALUE(auto sql, OpenSql(directory_, !device_.data));
  sql_ = std::make_unique<Watched>(std::move(sql), *this);
  LogStore log(*sql_, *at_rest_);
  CHIBO_TRY(log.OpenSchema());
  if (fresh == nullptr) {
    return CheckDevice(log, device_.sign.public_key());
  }
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(*sql_));
  CHIBO_TRY(log.PutValue(kDevice, device_.sign.public_key().view()));
  CHIBO_TRY(PutSettings(*fresh, log));
  return transaction.Commit();
}

Status Node::OpenReplica(Random& random, Use use) {
  const auto open = [&](bool proven) -> Status {
    continuity_proven_ = proven;
    Replica::Parts parts;
    parts.sql = sql_.get();
    parts.at_rest = at_rest_.get();
    parts.random = &random;
    parts.device = &device_.sign;
    parts.noise = device_.noise->public_key();
    parts.seal = &*device_.seal;
    parts.view_place = device_.data ? ViewStore::Place::kMemory : ViewStore::Place::kFile;
    parts.continuity_proven = proven;
    CHIBO_TRY_VALUE(replica_, Replica::Open(parts));
    return {};
  };
  if (!device_.noise || !device_.seal) {
    return Fail(Code::kMalformed, "key_file_unreadable", directory_.key("device"));
  }
  if (use == Use::kRead) {
    return open(true);
  }
  CHIBO_TRY_VALUE(Continuity continuity, Continuity::At(directory_, device_.sign.public_key()));
  CHIBO_TRY_VALUE(const Continuity::Numbers numbers, StoreNumbers());
  const std::uint64_t drawn = ReadU64(random.Draw(8)) | 1;  // never 0
  CHIBO_TRY(continuity.Start(
      numbers, drawn, [&] { return MarkOpening(drawn, random); }, open));
  continuity_.emplace(std::move(continuity));
  return {};
}

Result<Continuity::Numbers> Node::StoreNumbers() const {
  LogStore log(*sql_, *at_rest_);
  CHIBO_TRY(log.OpenSchema());
  CHIBO_TRY_VALUE(const Settings settings, ReadSettings(log));
  Streams streams(settings.network, log);
  CHIBO_TRY(streams.Load());
  CHIBO_TRY_VALUE(const auto opened, log.Value(kOpened));
  return Continuity::Numbers{opened && opened->size() == 8 ? ReadU64(*opened) : 0,
                             EntriesIn(streams)};
}

Status Node::MarkOpening(std::uint64_t drawn, Random& random) {
  LogStore log(*sql_, *at_rest_);
  Bytes value;
  AppendU64(value, drawn);
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(*sql_));
  CHIBO_TRY(log.PutValue(kOpened, value));
  CHIBO_TRY(SealOldRecordLabels(log, random));
  return transaction.Commit();
}

void Node::Committed() {
  if (continuity_ && replica_) {
    // On a cell every commit is something a person did: one more write to the disk is not felt.
    continuity_->Wrote(EntriesIn(replica_->streams()), device_.data.has_value());
  }
}

}  // namespace chibo
