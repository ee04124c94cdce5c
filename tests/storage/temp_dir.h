#ifndef CHIBO_TESTS_STORAGE_TEMP_DIR_H_
#define CHIBO_TESTS_STORAGE_TEMP_DIR_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"

namespace chibo::test {

// A directory that goes away with its object. In memory where the system has such a place: these
// tests commit thousands of times, and what a disk does to unsynced writes is FaultVfs's matter.
class TempDir {
 public:
  TempDir() {
    const std::filesystem::path memory = "/dev/shm";
    const bool has_memory = std::filesystem::is_directory(memory);
    const auto place = has_memory ? memory : std::filesystem::temp_directory_path();
    std::string name = (place / "chibo-storage-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string File(const std::string& name) const { return (path_ / name).string(); }
  // What all files hold, one after the other.
  Bytes Contents() const {
    Bytes all;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      std::ifstream in(file.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return all;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace chibo::test

#endif  // CHIBO_TESTS_STORAGE_TEMP_DIR_H_
