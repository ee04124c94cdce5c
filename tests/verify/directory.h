#ifndef CHIBO_TESTS_VERIFY_DIRECTORY_H_
#define CHIBO_TESTS_VERIFY_DIRECTORY_H_

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace chibo {

// A folder of its own, gone with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string Sub(const std::string& name) const;  // made if need be

 private:
  std::string path_;
};

// The store of a data directory, for tests to damage: plain SQL, no checks.
class RawStore {
 public:
  explicit RawStore(const std::string& directory);
  ~RawStore();
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  // Rows as bytes; numbers in decimal, NULL as "".
  using Row = std::vector<Bytes>;
  std::vector<Row> Query(const std::string& sql, const std::vector<Bytes>& blobs = {});
  void Run(const std::string& sql, const std::vector<Bytes>& blobs = {}) { Query(sql, blobs); }

 private:
  sqlite3* db_ = nullptr;
};

// One value of the store, by which stream it belongs to.
struct StoredValue {
  std::string table;
  std::string column;
  std::string where;   // of its row
  std::string stream;  // id in hex
  bool number = false;
  std::size_t size = 0;  // bytes to choose from; of a number, the low ones

  std::string name() const { return table + "." + column + " where " + where; }
};
// Everything whose damage must be named: one list for each column.
std::vector<std::vector<StoredValue>> ValuesIn(RawStore& store);
// Exclusive-or of one byte; again: as it was.
void Flip(RawStore& store, const StoredValue& value, std::size_t byte, unsigned char with);

}  // namespace chibo

#endif  // CHIBO_TESTS_VERIFY_DIRECTORY_H_
