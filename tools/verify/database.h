#ifndef CHIBO_TOOLS_VERIFY_DATABASE_H_
#define CHIBO_TOOLS_VERIFY_DATABASE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace chibo::verify {

// The rows of one query.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  // False at the end; kDamaged where the file cannot be read as a database.
  Result<bool> Next();
  std::int64_t Int(int column) const;
  ByteView Blob(int column) const;  // until the next call of Next
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// The store of a data directory as it stands, read and never written. Everything is read as of one
// moment, also while a server goes on writing.
class Database {
 public:
  // How: kStill leaves no trace beside the file, but takes it that nobody writes to it meanwhile
  // (WasWritten says whether that was so); used only where no write-ahead log is there.
  enum class How { kStill, kShared };
  // kNotANode (nothing there, or of another program), kNewerFormat, kInUse, kIo, kDamaged (not a
  // database).
  static Result<std::unique_ptr<Database>> Open(const std::string& directory, How how);
  ~Database();

  // kDamaged when the tables are not as they should be.
  Result<Rows> Query(const std::string& sql, std::initializer_list<std::int64_t> bound = {}) const;
  // How many places SQLite itself finds wrong in the file; no more than a hundred.
  std::size_t CountDamagedPages() const;
  // Opened kStill, and somebody wrote since.
  bool WasWritten() const;

 private:
  enum class Access { kStill, kShared, kCopy };
  Database() = default;
  Status OpenFile(const std::string& path, Access access);
  Status OpenCopy(const std::string& path);
  Status CheckOwner();

  sqlite3* db_ = nullptr;
  std::string copy_;   // a folder of ours to remove
  std::string still_;  // the file that is to stay as it is
  std::int64_t changed_ = 0;
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_DATABASE_H_
