#ifndef CHIBO_TESTS_NODE_OBSERVER_H_
#define CHIBO_TESTS_NODE_OBSERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"
#include "tests/sim/sim_node.h"

namespace chibo {

// A node that only takes in: of the unit the settings name, with a device nobody has certified. It
// opens what is sealed to `seal`.
class Observer {
 public:
  Observer(const Settings& settings, Random& random, const DhKey* seal = nullptr)
      : random_(&random), device_(SecretKey::Draw(random)), seal_(seal) {
    sql_ = *OpenSqlite("", SqliteOptions{.kind = SqliteKind::kMemory});
    CHECK(LogStore(*sql_, at_rest_).OpenSchema());
    Begin(settings);
  }

  // Again on the same database.
  void Start() {
    replica_.reset();
    Replica::Parts parts;
    parts.sql = sql_.get();
    parts.at_rest = &at_rest_;
    parts.random = random_;
    parts.device = &device_;
    parts.seal = seal_;
    parts.view_place = ViewStore::Place::kFile;
    replica_ = *Replica::Open(parts);
  }

  // Another device that holds nothing, as if it had just been made: making tables and statements
  // takes longer than taking in a few entries.
  void BeginAnew(Random& random) {
    const Settings settings = replica_->settings();
    replica_.reset();
    random_ = &random;
    device_ = SigningKey(SecretKey::Draw(random));
    Must(ViewStore(*sql_).Clear());
    for (const std::string& table : TablesOfRows()) {
      Must(sql_->Execute("DELETE FROM " + table + ";"));
    }
    Begin(settings);
  }

  Hash Digest() { return *replica_->ViewDigest(); }
  Replica& replica() { return *replica_; }

 private:
  void Begin(const Settings& settings) {
    LogStore log(*sql_, at_rest_);
    CHECK(PutSettings(settings, log));
    Start();
  }

  // All but those that say which tables there are.
  std::vector<std::string> TablesOfRows() {
    SqlStatement& rows =
        *Must(sql_->Prepare("SELECT name FROM sqlite_master WHERE type = 'table' "
                            "AND name NOT IN ('schema_version', 'view_state')"));
    std::vector<std::string> tables;
    while (Must(rows.Step())) {
      tables.emplace_back(rows.BytesAt(0));
    }
    rows.Reset();
    return tables;
  }

  Random* random_;
  SigningKey device_;
  const DhKey* seal_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace chibo

#endif  // CHIBO_TESTS_NODE_OBSERVER_H_
