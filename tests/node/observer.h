#ifndef CHIBO_TESTS_NODE_OBSERVER_H_
#define CHIBO_TESTS_NODE_OBSERVER_H_

#include <memory>

#include "storage/sqlite/sqlite_connection.h"
#include "tests/sim/sim_node.h"

namespace chibo {

// A node that only takes in: of the unit the settings name, with a device nobody has certified. It
// opens what is sealed to `seal`.
class Observer {
 public:
  Observer(const Settings& settings, Random& random, const DhKey* seal = nullptr)
      : random_(random), device_(SecretKey::Draw(random)), seal_(seal) {
    sql_ = *OpenSqlite("", SqliteOptions{.kind = SqliteKind::kMemory});
    LogStore log(*sql_, at_rest_);
    CHECK(log.OpenSchema());
    CHECK(PutSettings(settings, log));
    Start();
  }

  // Again on the same database.
  void Start() {
    replica_.reset();
    Replica::Parts parts;
    parts.sql = sql_.get();
    parts.at_rest = &at_rest_;
    parts.random = &random_;
    parts.device = &device_;
    parts.seal = seal_;
    parts.view_place = ViewStore::Place::kFile;
    replica_ = *Replica::Open(parts);
  }

  Hash Digest() { return *replica_->ViewDigest(); }
  Replica& replica() { return *replica_; }

 private:
  Random& random_;
  SigningKey device_;
  const DhKey* seal_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace chibo

#endif  // CHIBO_TESTS_NODE_OBSERVER_H_
